-- The parts are functions of their own, each one pass over what it looks at, in one snapshot.
create or replace function memoriesdb.verify_ledger(digest jsonb default null)
returns table (block_no bigint, audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel restricted
security definer -- reads the payloads, of which the caller gets numbers and hashes
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
begin
  return query
  with found as (
    select c.block_no, null::bigint as audit_id, c.problem, c.detail, 1 as part
    from memoriesdb._verify_chain() as c
    union all
    select e.block_no, e.audit_id, e.problem, e.detail, 2 from memoriesdb._verify_entries() as e
    union all
    select null, u.audit_id, u.problem, u.detail, 3 from memoriesdb._verify_unsealed() as u
    union all
    select s.block_no, p.audit_id, p.problem, p.detail, 4
    from memoriesdb._verify_payloads() as p
    left join memoriesdb.audit_log as a on a.audit_id = p.audit_id
    left join lateral (
      select b.block_no from memoriesdb.ledger_blocks as b
      where b.incarnation = a.incarnation
        and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
      order by b.last_xid, b.last_audit_id
      limit 1
    ) as s on true
    union all
    select null, r.audit_id, r.problem, r.detail, 5 from memoriesdb._verify_archives() as r
    union all
    select d.block_no, null, d.problem, d.detail, 0
    from memoriesdb._verify_digest(verify_ledger.digest) as d
  )

  select f.block_no, f.audit_id, f.problem, f.detail
  from found as f
  order by f.block_no nulls last, f.part, f.audit_id nulls first;
end;
$function$;

alter function memoriesdb.verify_ledger(jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb.verify_ledger(jsonb) from public;
grant execute on function memoriesdb.verify_ledger(jsonb) to memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.verify_ledger(jsonb) is
'Recompute every hash of the ledger (admins and auditors; users have ledger_proof() for entries '
'about their own rows, since a root takes all entries of a block). No rows: nothing was changed. '
'Each row names the block and, where it can be told, the entry; never contents. Given a digest '
'that was kept outside, also tells whether the chain is still that one. `memoriesdb ledger '
'verify` does the same outside of the database, and compares what is in archives, too: here they '
'are only what may be missing. Raises MD110.';
