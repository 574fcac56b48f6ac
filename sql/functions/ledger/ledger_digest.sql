create or replace function memoriesdb.ledger_digest()
returns jsonb
language plpgsql
stable
parallel restricted
security definer -- logins that read no table may keep digests
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_zero constant text := repeat('00', 32);
  v_block memoriesdb.ledger_blocks;
begin
  select * into v_block from memoriesdb.ledger_blocks as b order by b.block_no desc limit 1;
  return jsonb_build_object(
    'version', 1,
    'block_no', coalesce(v_block.block_no, 0),
    'block_hash', coalesce(encode(v_block.hash, 'hex'), v_zero),
    'previous_hash', coalesce(encode(v_block.previous_hash, 'hex'), v_zero),
    'entries', (select coalesce(sum(b.entry_count), 0) from memoriesdb.ledger_blocks as b),
    'incarnation', v_block.incarnation,
    'sealed_at', memoriesdb._iso_time(v_block.sealed_at)
  );
end;
$function$;

alter function memoriesdb.ledger_digest() owner to memoriesdb_definer;
revoke all on function memoriesdb.ledger_digest() from public;
grant execute on function memoriesdb.ledger_digest()
to
memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.ledger_digest() is
'The head of the ledger, to be kept where nobody with rights on this database can change it: '
'version, number and hash of the last block, the hash before it, how many entries are sealed, '
'incarnation and time of sealing. Whoever has it can tell later whether anything up to there was '
'changed. Of an empty ledger: block 0 and zeros.';
