create or replace function memoriesdb._verify_payloads()
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
-- Partition by partition, in the memory of one.
set enable_partitionwise_join = on
as $function$
declare
  v_archived int8multirange := (
    select coalesce(range_agg(int8range(r.first_audit_id, r.last_audit_id, '[]')), '{}')
    from memoriesdb._proven_archives() as r
  );
  -- What the receipts of erasures account for.
  v_erased int8multirange := memoriesdb._erased_audit_ids();
begin
  return query
  select x.audit_id, found.problem, found.detail
  from (
    select coalesce(a.audit_id, p.audit_id) as audit_id, a.audit_id is not null as is_entry,
      p.audit_id is not null as has_payload, a.commitment,
      a.owner_id is not distinct from p.owner_id as has_same_owner,
      -- As text: what stands there may be anything.
      (a.row_id, a.row_key ->> 'target_id') is not distinct from (p.row_id, p.target_id::text)
      as has_same_row,
      memoriesdb._payload_commitment(
        p.salt, p.before, p.after, p.application_name, p.reason
      ) as commitment_now
    from memoriesdb.audit_log as a
    full join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
  ) as x
  cross join lateral (
    values
    (x.is_entry and not x.has_payload and not x.audit_id <@ v_erased, 'payload is missing',
      'No receipt of an erasure accounts for it.'),
    (x.has_payload and x.audit_id <@ v_erased, 'payload was erased and is here',
      'A receipt in the ledger says that it was erased: was a backup restored?'),
    (x.has_payload and x.commitment <> x.commitment_now, 'payload does not fit its commitment',
      'It was changed, or the entry was.'),
    (x.is_entry and x.has_payload and not x.has_same_owner, 'payload belongs to another owner',
      'Its owner_id is not that of the entry.'),
    (x.is_entry and x.has_payload and not x.has_same_row, 'payload belongs to another row',
      'Its row_id or target_id is not that of the entry.'),
    (not x.is_entry and not x.audit_id <@ v_archived, 'payload has no entry',
      'The entry was removed.')
  ) as found (is_so, problem, detail)
  where found.is_so;
end;
$function$;

alter function memoriesdb._verify_payloads() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_payloads() from public;
comment on function memoriesdb._verify_payloads() is
'Payloads that are missing without a receipt, were changed, or belong to no entry.';
