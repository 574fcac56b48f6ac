-- Called by functions that run as the user, so a user can add entries about himself, as himself; he
-- can change or remove none.
create or replace function memoriesdb._log_access(
  action text, outcome text, memory_ids uuid[], result_count integer
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes access_log
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_user();
begin
  -- Whoever calls it directly writes no free text.
  if _log_access.action !~ '^[a-z_]{1,63}$' then
    raise exception 'invalid action' using errcode = 'MD110', hint = 'Give a function''s name.';
  end if;
  if current_setting('transaction_read_only')::boolean then
    raise log 'memoriesdb access: % % by % (%), % memories',
      _log_access.action, _log_access.outcome, v_user_id, session_user,
      _log_access.result_count;
    return;
  end if;
  insert into memoriesdb.access_log (user_id, login, action, outcome, memory_ids, result_count)
  values (
    v_user_id, session_user, _log_access.action, _log_access.outcome,
    coalesce(_log_access.memory_ids, '{}')::uuid[], greatest(_log_access.result_count, 0)
  );
end;
$function$;

alter function memoriesdb._log_access(text, text, uuid[], integer) owner to memoriesdb_definer;
revoke all on function memoriesdb._log_access(text, text, uuid[], integer) from public;
grant execute on function memoriesdb._log_access(text, text, uuid[], integer)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._log_access(text, text, uuid[], integer) is
'Write an entry of access_log for the user of this transaction; to the server log where the '
'transaction is read-only. outcome: answered or refused. Raises MD001, MD110.';
