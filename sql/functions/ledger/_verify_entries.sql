-- One pass over the log: each entry falls into the block in whose range it lies, wherever it is
-- stored, and what a block has got is compared with its leaves. Blocks that lie in an archive are
-- expected to lack what it holds.
create or replace function memoriesdb._verify_entries()
returns table (block_no bigint, audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_block record;
begin
  for v_block in
    select
      b.block_no, b.root, r.archived_count, coalesce(p.leaves, ''::bytea) as leaves,
      coalesce(p.audit_ids, '{}') as audit_ids,
      (b.entry_count, b.last_audit_id, b.low_audit_id, b.high_audit_id) is not distinct from
      (p.entry_count, p.audit_ids[p.entry_count], p.low_audit_id, p.high_audit_id) as has_bounds
    from memoriesdb.ledger_blocks as b
    left join (
      select
        e.block_no, string_agg(e.leaf, ''::bytea order by e.xid, e.audit_id) as leaves,
        array_agg(e.audit_id order by e.xid, e.audit_id) as audit_ids, count(*) as entry_count,
        min(e.audit_id) as low_audit_id, max(e.audit_id) as high_audit_id
      from (
        select a.xid, a.audit_id, memoriesdb._leaf_hash(a) as leaf, s.block_no
        from memoriesdb.audit_log as a
        cross join lateral (
          select s.block_no from memoriesdb.ledger_blocks as s
          where s.incarnation = a.incarnation
            and (s.last_xid, s.last_audit_id) >= (a.xid, a.audit_id)
          order by s.last_xid, s.last_audit_id
          limit 1
        ) as s
      ) as e
      group by e.block_no
    ) as p on p.block_no = b.block_no
    cross join lateral (
      select coalesce(sum(
        case when b.low_audit_id >= a.first_audit_id and b.high_audit_id <= a.last_audit_id
          then b.entry_count
          else (a.boundary_blocks ->> b.block_no::text)::bigint end
      ), 0)::bigint as archived_count
      from memoriesdb._proven_archives() as a
      where b.low_audit_id <= a.last_audit_id and b.high_audit_id >= a.first_audit_id
    ) as r
    order by b.block_no
  loop
    if v_block.leaves = (
      select l.leaves from memoriesdb.ledger_leaves as l where l.block_no = v_block.block_no
    ) then
      if not v_block.has_bounds then
        return query values (v_block.block_no, null::bigint,
          'block does not say what its entries are',
          'Their number, the last, least or greatest audit_id is not as in its header.');
      end if;
    else
      return query
      select v_block.block_no, d.* from memoriesdb._compare_block(
        v_block.block_no, v_block.root, v_block.leaves, v_block.audit_ids, v_block.archived_count
      ) as d;
    end if;
  end loop;
end;
$function$;

alter function memoriesdb._verify_entries() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_entries() from public;
comment on function memoriesdb._verify_entries() is
'Which sealed entries are not as they were sealed, missing, or came in later.';
