-- Owned by memoriesdb_owner: who makes a sequence owns it. A sequence is what survives ROLLBACK and
-- what no transaction waits for.
create or replace function memoriesdb._limit_tokens(token_id uuid default null)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- creates and drops sequences
set search_path = pg_catalog, pg_temp
-- A sequence that a transaction uses is left for the next time.
set lock_timeout = '100ms'
as $function$
declare
  v_name name;
begin
  for v_name in
    select memoriesdb._bucket_name(t.token_hash, a)
    from memoriesdb.api_tokens as t
    cross join unnest(array['writes', 'recalls']) as a
    where (_limit_tokens.token_id is null or t.id = _limit_tokens.token_id)
      and t.revoked_at is null and t.expires_at > clock_timestamp()
      and memoriesdb._setting(format('token_%s_per_minute', a))::numeric > 0
  loop
    continue when to_regclass(format('memoriesdb.%I', v_name)) is not null;
    execute format('create sequence memoriesdb.%I', v_name);
    execute format('comment on sequence memoriesdb.%I is %L', v_name,
      'Bucket of a token: how far it has spent ahead of the time, in units of its limit.');
  end loop;

  for v_name in
    select c.relname
    from pg_catalog.pg_class as c
    where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'S'
      and c.relname ~ '^_limit_[0-9a-f]{32}_(writes|recalls)$'
      and c.relname not in (
        select memoriesdb._bucket_name(t.token_hash, a)
        from memoriesdb.api_tokens as t
        cross join unnest(array['writes', 'recalls']) as a
        where t.revoked_at is null and t.expires_at > clock_timestamp()
          and memoriesdb._setting(format('token_%s_per_minute', a))::numeric > 0
      )
  loop
    begin
      execute format('drop sequence if exists memoriesdb.%I', v_name);
    exception
      when lock_not_available then
        null; -- its token is dead or its limit off: until the next time it does no harm
    end;
  end loop;
end;
$function$;

alter function memoriesdb._limit_tokens(uuid) owner to memoriesdb_owner;
revoke all on function memoriesdb._limit_tokens(uuid) from public;
grant execute on function memoriesdb._limit_tokens(uuid) to memoriesdb_definer;
comment on function memoriesdb._limit_tokens(uuid) is
'Make the sequences by which the limits of this token are kept, of all tokens for null, and drop '
'those of tokens that are dead and of limits that are off.';
