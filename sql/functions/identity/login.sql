-- It looks up and writes nothing that another login of the token would wait for. Where it raises,
-- the transaction is lost and nobody is left; after ROLLBACK TO a savepoint it is who it was there.
create or replace function memoriesdb.login(token text)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- reads api_tokens and signs
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_token memoriesdb.api_tokens;
begin
  -- No message holds any part of the secret.
  if token ~ '^mdb_[0-9a-f]{32}_[0-9a-f]{64}$' then
    select t.* into v_token
    from memoriesdb.api_tokens as t
    join memoriesdb.users as u on u.id = t.user_id
    where t.id = substr(token, 5, 32)::uuid and t.token_hash = sha256(convert_to(token, 'UTF8'))
      and u.is_active;
  end if;
  if v_token.id is null then
    raise exception 'unknown token' using
      errcode = 'MD007',
      detail = 'No token like this was issued, or its user is deactivated.',
      hint = 'A token begins with mdb_ and is shown once, by memoriesdb.issue_token(…): give it '
        'whole, or ask for another.';
  end if;
  if v_token.revoked_at is not null then
    raise exception 'token was revoked' using
      errcode = 'MD009',
      detail = format('Token %s was revoked at %s.', v_token.id, v_token.revoked_at),
      hint = 'Ask for another: memoriesdb.issue_token(…).';
  end if;
  if v_token.expires_at <= clock_timestamp() then
    raise exception 'token has expired' using
      errcode = 'MD008',
      detail = format('Token %s expired at %s.', v_token.id, v_token.expires_at),
      hint = 'Ask for another: memoriesdb.issue_token(…).';
  end if;
  if position(token in current_query()) > 0 then
    raise warning 'the token is written out in the statement' using
      detail = 'pg_stat_activity shows statements to every session of the login, and logs keep '
        'them.',
      hint = 'Give it as a parameter of the statement, such as login($1); in psql 16 and newer by '
        || E'\\bind.';
  end if;
  perform memoriesdb._begin_session(v_token.user_id, v_token.id, null, v_token.scopes);
  -- A later snapshot than that of a repeatable-read transaction would make this an error.
  if not current_setting('transaction_read_only')::boolean
     and current_setting('transaction_isolation') = 'read committed' then
    update memoriesdb.api_token_uses as x
    set last_used_at = clock_timestamp()
    from (
      select y.token_id from memoriesdb.api_token_uses as y
      where y.token_id = v_token.id
        and coalesce(y.last_used_at < clock_timestamp() - interval '1 minute', true)
      for update skip locked
    ) as z
    where x.token_id = z.token_id;
  end if;
  return v_token.user_id;
end;
$function$;

alter function memoriesdb.login(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.login(text) from public;
grant execute on function memoriesdb.login(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.login(text) is
'Act as the user of this token until the end of the transaction, within the scopes of the token; '
'returns the user''s id. Give the token as a parameter of the statement, so that no log holds it: '
'else it warns. '
'What it sets is signed for this transaction of this backend: copied elsewhere it names nobody. '
'Raises MD007 for an unknown token, MD008 for one that has expired, MD009 for one that was '
'revoked.';
