create or replace function memoriesdb._seal_incarnation(
  incarnation bigint, xid_before xid8, audit_id_after bigint, max_entries bigint
)
returns bigint
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_block memoriesdb.ledger_blocks;
  v_last memoriesdb.ledger_blocks;
  v_block_no bigint;
  v_hash bytea;
  v_sealed_at timestamptz;
  v_part record;
  v_sealed bigint := 0::bigint;
begin
  select b.block_no, b.hash, b.sealed_at into v_block_no, v_hash, v_sealed_at
  from memoriesdb.ledger_blocks as b order by b.block_no desc limit 1;
  -- The end of what is sealed of this incarnation.
  select * into v_last from memoriesdb.ledger_blocks as b
  where b.incarnation = _seal_incarnation.incarnation
  order by b.last_xid desc, b.last_audit_id desc limit 1;
  for v_part in
    select
      string_agg(e.leaf, ''::bytea order by e.place) as leaves, count(*) as entry_count,
      max(e.xid) as last_xid,
      (array_agg(e.audit_id order by e.place desc))[1] as last_audit_id,
      min(e.audit_id) as low_audit_id, max(e.audit_id) as high_audit_id
    from (
      select a.audit_id, a.xid, memoriesdb._leaf_hash(a) as leaf,
        row_number() over (order by a.xid, a.audit_id) as place
      from memoriesdb.audit_log as a
      where a.audit_id > _seal_incarnation.audit_id_after
        and a.incarnation = _seal_incarnation.incarnation
        and (_seal_incarnation.xid_before is null or a.xid < _seal_incarnation.xid_before)
        and (
          v_last.block_no is null
          or (a.xid, a.audit_id) > (v_last.last_xid, v_last.last_audit_id)
        )
      order by a.xid, a.audit_id
      limit _seal_incarnation.max_entries
    ) as e
    group by (e.place - 1) / 65536
    order by (e.place - 1) / 65536
  loop
    -- A clock that was set back must not look like blocks in a wrong order.
    v_sealed_at := greatest(clock_timestamp(), v_sealed_at);
    v_block := (
      coalesce(v_block_no, 0) + 1, coalesce(v_hash, decode(repeat('00', 32), 'hex')),
      memoriesdb._merkle_root(v_part.leaves), v_part.entry_count, _seal_incarnation.incarnation,
      v_part.last_xid, v_part.last_audit_id, v_part.low_audit_id, v_part.high_audit_id,
      v_sealed_at, null
    )::memoriesdb.ledger_blocks;
    v_block_no := v_block.block_no;
    v_hash := memoriesdb._block_hash(v_block);
    insert into memoriesdb.ledger_blocks (
      block_no, previous_hash, root, entry_count, incarnation, last_xid, last_audit_id,
      low_audit_id, high_audit_id, sealed_at, hash
    )
    values (
      v_block_no, v_block.previous_hash, v_block.root, v_block.entry_count, v_block.incarnation,
      v_block.last_xid, v_block.last_audit_id, v_block.low_audit_id, v_block.high_audit_id,
      v_block.sealed_at, v_hash
    );
    insert into memoriesdb.ledger_leaves (block_no, leaves) values (v_block_no, v_part.leaves);
    v_sealed := v_sealed + v_part.entry_count;
  end loop;
  return v_sealed;
end;
$function$;

alter function memoriesdb._seal_incarnation(bigint, xid8, bigint, bigint)
owner to memoriesdb_definer;
revoke all on function memoriesdb._seal_incarnation(bigint, xid8, bigint, bigint) from public;
comment on function memoriesdb._seal_incarnation(bigint, xid8, bigint, bigint) is
'Seal the entries of one incarnation that come after its last block, in blocks of at most 65,536: '
'those with a lower xid than xid_before (null: all) among those with a higher audit_id than '
'audit_id_after. Returns how many.';
