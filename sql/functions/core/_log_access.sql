-- Called by functions that run as the user, so a user can call it too and add entries about
-- himself: what he could as well have by calling those functions. None about anybody else: whose
-- grants were used is looked up here and not taken from the caller. He can change or remove none.
create or replace function memoriesdb._log_access(
  action text, outcome text, memory_ids uuid[], result_count integer, query text default null
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes access_log
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  v_sample double precision := memoriesdb._setting('access_log_sample')::double precision;
begin
  if v_who.user_id is null then
    perform memoriesdb._require_user();
  end if;
  if (
    _log_access.action ~ '^[a-z_]{1,63}$' and _log_access.outcome in ('answered', 'refused')
    and cardinality(_log_access.memory_ids) <= 10000
  ) is not true then
    raise exception 'invalid entry' using
      errcode = 'MD110',
      hint = 'Give a function''s name, answered or refused, and at most 10000 memories.';
  end if;
  if current_setting('transaction_read_only')::boolean then
    raise log 'memoriesdb access: % % by % (%), % memories',
      _log_access.action, _log_access.outcome, v_who.user_id, session_user,
      _log_access.result_count;
    return;
  end if;
  -- Not random(): a user could choose its seed, and with it what is recorded of him.
  if _log_access.outcome = 'refused' or v_sample = 1
     or (uuid_hash(gen_random_uuid()) + 2147483648.0) / 4294967296.0 < v_sample then
    insert into memoriesdb.access_log (
      user_id, token_id, actor_id, login, action, outcome, query_hash, memory_ids, result_count
    )
    values (
      v_who.user_id, v_who.token_id, v_who.actor_id, session_user, _log_access.action,
      _log_access.outcome,
      -- With the user in it, so that whoever reads the log cannot ask on his own and compare.
      case when _log_access.query is not null then (
        select s.signature
        from memoriesdb._sign(
          'query', uuid_send(v_who.user_id) || convert_to(_log_access.query, 'UTF8')
        ) as s
      ) end,
      _log_access.memory_ids, greatest(_log_access.result_count, 0)
    );
  end if;
  if _log_access.outcome = 'answered' and _log_access.memory_ids <> '{}' then
    insert into memoriesdb.access_log (
      user_id, actor_id, login, action, outcome, memory_ids, result_count, owner_id
    )
    select
      v_who.user_id, v_who.actor_id, session_user, _log_access.action, 'granted',
      array_agg(g.memory_id), count(*), g.owner_id
    from memoriesdb.memory_grants as g
    where g.grantee_id = v_who.user_id and g.memory_id = any (_log_access.memory_ids)
      -- Not by the clock: it was used before this was called, and may have expired in between.
      and (g.expires_at is null or g.expires_at > statement_timestamp())
    group by g.owner_id;
  end if;
end;
$function$;

alter function memoriesdb._log_access(text, text, uuid[], integer, text)
owner to memoriesdb_definer;
revoke all on function memoriesdb._log_access(text, text, uuid[], integer, text) from public;
grant execute on function memoriesdb._log_access(text, text, uuid[], integer, text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._log_access(text, text, uuid[], integer, text) is
'Write an entry of access_log for the user of this transaction, and one for each owner whose '
'grants were used; to the server log where the transaction is read-only. outcome: answered '
'(recorded as settings.access_log_sample says) or refused. Raises MD001, MD110.';
