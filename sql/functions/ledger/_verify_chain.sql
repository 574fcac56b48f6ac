create or replace function memoriesdb._verify_chain()
returns table (block_no bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_zero constant bytea := decode(repeat('00', 32), 'hex');
begin
  return query
  select b.block_no, found.problem, found.detail
  from (
    select k.*,
      lag(k.block_no, 1, 0::bigint) over one_by_one as former_no,
      lag(k.hash, 1, v_zero) over one_by_one as former_hash,
      lag(k.last_xid) over of_incarnation as former_xid,
      lag(k.last_audit_id) over of_incarnation as former_audit_id,
      memoriesdb._block_hash(k) as hash_now
    from memoriesdb.ledger_blocks as k
    window
      one_by_one as (order by k.block_no),
      of_incarnation as (partition by k.incarnation order by k.block_no)
  ) as b
  left join memoriesdb.ledger_leaves as l on l.block_no = b.block_no
  -- Once a block: offset keeps the planner from putting it into each place below.
  cross join lateral (select memoriesdb._merkle_root(l.leaves) as root offset 0) as made
  cross join lateral (
    values
    (b.former_no <> b.block_no - 1, 'block number does not follow the one before',
      format('Block %s comes after block %s.', b.block_no, b.former_no)),
    (b.hash <> b.hash_now, 'block was changed',
      format('Its header hashes to %s, its hash is %s.',
        encode(b.hash_now, 'hex'), encode(b.hash, 'hex'))),
    (b.previous_hash <> b.former_hash, 'block does not follow the one before',
      format('It names the hash %s, block %s has %s.', encode(b.previous_hash, 'hex'), b.former_no,
        encode(b.former_hash, 'hex'))),
    ((b.last_xid, b.last_audit_id) <= (b.former_xid, b.former_audit_id),
      'block seals what one before it sealed',
      format('It ends at (%s, %s), a former one of its incarnation at (%s, %s).',
        b.last_xid, b.last_audit_id, b.former_xid, b.former_audit_id)),
    (l.block_no is null, 'leaves are missing', 'Which entry differs cannot be told without them.'),
    (octet_length(l.leaves) <> b.entry_count * 32, 'leaves are not as many as the block''s entries',
      format('%s instead of %s.', octet_length(l.leaves) / 32, b.entry_count)),
    (made.root <> b.root, 'leaves do not make up the root of the block',
      format('Their root is %s, the block''s %s.',
        encode(made.root, 'hex'), encode(b.root, 'hex')))
  ) as found (is_so, problem, detail)
  where found.is_so
  union all
  select l.block_no, 'leaves have no block', 'The block was removed.'
  from memoriesdb.ledger_leaves as l
  where not exists (select from memoriesdb.ledger_blocks as b where b.block_no = l.block_no);
end;
$function$;

alter function memoriesdb._verify_chain() owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_chain() from public;
comment on function memoriesdb._verify_chain() is
'What is wrong with the blocks themselves: their numbers, hashes, order and leaves.';
