create or replace function memoriesdb._log_erasure_check(receipt jsonb, has_text boolean)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes access_log
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  v_ids uuid[] := array(
    select i.id::uuid
    from jsonb_array_elements_text(receipt -> 'memory_ids') with ordinality as i (id, position)
    where i.position <= 10000
    order by i.position
  );
begin
  -- Always, since a ROLLBACK takes the entry away.
  raise log 'memoriesdb access: erasure_check of receipt %, % a text, by % (%)',
    receipt ->> 'receipt_id', case when has_text then 'with' else 'without' end, v_who.user_id,
    session_user;
  if not current_setting('transaction_read_only')::boolean then
    insert into memoriesdb.access_log (
      user_id, token_id, actor_id, login, action, outcome, memory_ids, result_count
    )
    values (
      v_who.user_id, v_who.token_id, v_who.actor_id, session_user, 'erasure_check', 'answered',
      v_ids, 0
    );
  end if;
end;
$function$;

alter function memoriesdb._log_erasure_check(jsonb, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._log_erasure_check(jsonb, boolean) from public;
grant execute on function memoriesdb._log_erasure_check(jsonb, boolean) to memoriesdb_owner;
comment on function memoriesdb._log_erasure_check(jsonb, boolean) is
'Write to the server log, and to access_log unless the transaction is read-only, that somebody who '
'may look among all users looked for what this receipt erased (the first 10000 memories of it).';
