create or replace function memoriesdb._erase_rows_of_user(user_id uuid, facts jsonb)
returns jsonb
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the eraser removes history
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_counts jsonb := facts -> 'counts';
  v_audit_ids int8multirange;
  v_count bigint;
begin
  delete from memoriesdb.memory_grants as g where g.grantee_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts
    || jsonb_build_object('memory_grants', v_count + (v_counts ->> 'memory_grants')::bigint);
  delete from memoriesdb.service_assignments as s
  where _erase_rows_of_user.user_id in (s.service_id, s.user_id);
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('service_assignments', v_count);
  delete from memoriesdb.api_token_uses as t
  where t.token_id in (
    select k.id from memoriesdb.api_tokens as k where k.user_id = _erase_rows_of_user.user_id
  );
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('api_token_uses', v_count);
  delete from memoriesdb.api_tokens as k where k.user_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('api_tokens', v_count);
  delete from memoriesdb.owner_keys as k where k.owner_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('owner_keys', v_count);
  delete from memoriesdb.search_counts as s where s.owner_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('search_counts', v_count);
  delete from memoriesdb.idempotency_keys as i
  where i.owner_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('idempotency_keys', v_count);
  delete from memoriesdb.memory_vector_indexes as v
  where v.owner_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('memory_vector_indexes', v_count);
  delete from memoriesdb.access_log as a where a.user_id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('access_log', v_count);
  delete from memoriesdb.users as u where u.id = _erase_rows_of_user.user_id;
  get diagnostics v_count = row_count;
  v_counts := v_counts || jsonb_build_object('users', v_count);

  -- All of his log, and what the statements above have written into it.
  v_audit_ids := (facts ->> 'audit_ids')::int8multirange + memoriesdb._erase_payloads(array(
    select p.audit_id
    from memoriesdb.audit_payloads as p
    where p.owner_id = _erase_rows_of_user.user_id
      and not coalesce(p.after ? 'content_commitments', false)
  ));
  return facts || jsonb_build_object(
    'counts', v_counts || jsonb_build_object('audit_payloads', (
      select coalesce(sum(upper(r) - lower(r)), 0) from unnest(v_audit_ids) as r
    )),
    'audit_ids', v_audit_ids
  );
end;
$function$;

alter function memoriesdb._erase_rows_of_user(uuid, jsonb) owner to memoriesdb_eraser;
revoke all on function memoriesdb._erase_rows_of_user(uuid, jsonb) from public;
grant execute on function memoriesdb._erase_rows_of_user(uuid, jsonb) to memoriesdb_definer;
comment on function memoriesdb._erase_rows_of_user(uuid, jsonb) is
'Erase what a user has besides his memories, and all of his log''s payloads but receipts. Takes '
'and returns what the receipt says.';
