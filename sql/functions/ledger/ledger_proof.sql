create or replace function memoriesdb.ledger_proof(audit_id bigint)
returns jsonb
language plpgsql
stable
parallel restricted
security definer -- reads the leaves of its block, which belong to others; the owner is checked
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._user_with_scope('read');
  v_sees_all boolean := pg_has_role(session_user, 'memoriesdb_auditor', 'MEMBER')
    or pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
    or memoriesdb._user_with_scope('admin') is not null;
  v_entry memoriesdb.audit_log;
  v_block memoriesdb.ledger_blocks;
  v_leaf bytea;
  v_leaves bytea;
  v_index integer;
begin
  if v_user_id is null and not v_sees_all then
    perform memoriesdb._require_scope('read');
  end if;
  if exists (
    select from memoriesdb.ledger_archives as r
    where ledger_proof.audit_id between r.first_audit_id and r.last_audit_id
  ) then
    raise exception 'the entry is archived' using
      errcode = 'MD403',
      detail = format('Entry %s is in an archived partition.', ledger_proof.audit_id),
      hint = 'Whoever keeps the archives proves it: memoriesdb ledger proof --archive FILE.';
  end if;
  select * into v_entry from memoriesdb.audit_log as a
  where a.audit_id = ledger_proof.audit_id and (v_sees_all or a.owner_id = v_user_id);
  if not found then
    raise exception 'there is no such entry' using
      errcode = 'MD401',
      detail = format('No entry %s is about rows of yours.', ledger_proof.audit_id),
      hint = 'audit_log shows your own; auditors see all.';
  end if;
  -- The first block of its incarnation that ends with it or later.
  select * into v_block from memoriesdb.ledger_blocks as b
  where b.incarnation = v_entry.incarnation
    and (b.last_xid, b.last_audit_id) >= (v_entry.xid, v_entry.audit_id)
  order by b.last_xid, b.last_audit_id
  limit 1;
  if not found then
    raise exception 'the entry is not sealed yet' using
      errcode = 'MD402',
      detail = format('Entry %s waits for the next block.', v_entry.audit_id),
      hint = 'Try again in a moment; ledger_status tells what holds up sealing.';
  end if;
  v_leaf := memoriesdb._leaf_hash(v_entry);
  -- Concatenated so that it is read once, not for each leaf.
  v_leaves := (
    select l.leaves || ''::bytea from memoriesdb.ledger_leaves as l
    where l.block_no = v_block.block_no
  );
  v_index := (
    select i from generate_series(0, octet_length(v_leaves) / 32 - 1) as i
    where substr(v_leaves, i * 32 + 1, 32) = v_leaf
    limit 1
  );
  if v_index is null or memoriesdb._merkle_root(v_leaves) <> v_block.root then
    raise exception 'the entry is not what was sealed' using
      errcode = 'MD404',
      detail = format('Entry %s or block %s was changed.', v_entry.audit_id, v_block.block_no),
      hint = 'Have an auditor run verify_ledger(), and memoriesdb ledger verify.';
  end if;
  return jsonb_build_object(
    'version', 1,
    'entry', to_jsonb(v_entry) || jsonb_build_object(
      'at', memoriesdb._iso_time(v_entry.at), 'row_key', v_entry.row_key::text,
      'commitment', encode(v_entry.commitment, 'hex')
    ),
    'leaf_hash', encode(v_leaf, 'hex'),
    'index', v_index,
    'count', v_block.entry_count,
    'path', (
      select coalesce(jsonb_agg(encode(p.node, 'hex') order by p.place), '[]')
      from unnest(memoriesdb._merkle_path(v_leaves, v_index)) with ordinality as p (node, place)
    ),
    'block', to_jsonb(v_block) || jsonb_build_object(
      'previous_hash', encode(v_block.previous_hash, 'hex'), 'root', encode(v_block.root, 'hex'),
      'hash', encode(v_block.hash, 'hex'), 'sealed_at', memoriesdb._iso_time(v_block.sealed_at)
    )
  );
end;
$function$;

alter function memoriesdb.ledger_proof(bigint) owner to memoriesdb_definer;
revoke all on function memoriesdb.ledger_proof(bigint) from public;
grant execute on function memoriesdb.ledger_proof(bigint)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.ledger_proof(bigint) is
'Inclusion proof for an audit entry about one''s own rows (auditors and admins: any): the entry, '
'its leaf hash, its place among the leaves of its block, the neighbours'' hashes up to the root '
'and the block''s header. `memoriesdb ledger proof` checks it offline against a digest. Raises '
'MD001, MD401 (no such entry of one''s own), MD402 (not sealed yet), MD403 (archived), MD404 (it '
'is not what was sealed).';
