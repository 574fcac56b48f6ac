-- The headers of the next blocks, in binary. With ties: two blocks of one number do not hide at the
-- edge of a page.
copy (
  select
    b.block_no, b.previous_hash, b.root, b.entry_count, b.incarnation, b.last_xid, b.last_audit_id,
    b.low_audit_id, b.high_audit_id, b.sealed_at, b.hash
  from memoriesdb.ledger_blocks as b
  where b.block_no > cast(%(after)s as bigint) and b.block_no <= cast(%(upto)s as bigint)
  order by b.block_no
  fetch first 4096 rows with ties
) to stdout (format binary);
