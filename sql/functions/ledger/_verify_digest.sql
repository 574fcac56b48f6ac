create or replace function memoriesdb._verify_digest(digest jsonb)
returns table (block_no bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_hash bytea;
begin
  if digest is null then
    return;
  end if;
  if jsonb_typeof(digest -> 'block_no') is distinct from 'number'
     or coalesce(digest ->> 'block_hash', '') !~ '^[0-9a-f]{64}$' then
    raise exception 'this is no digest' using
      errcode = 'MD110', hint = 'Give what ledger_digest() returned.';
  end if;
  if digest -> 'block_no' = '0' then
    return; -- of an empty ledger
  end if;
  block_no := (digest ->> 'block_no')::bigint;
  v_hash := (select b.hash from memoriesdb.ledger_blocks as b
    where b.block_no = _verify_digest.block_no);
  if v_hash is null then
    problem := 'ledger ends before the digest';
    detail := format('There is no block %s: the last ones were removed.', block_no);
    return next;
  elsif v_hash <> decode(digest ->> 'block_hash', 'hex') then
    problem := 'block is not that of the digest';
    detail := format('Its hash is %s, the digest says %s: the chain was written anew.',
      encode(v_hash, 'hex'), digest ->> 'block_hash');
    return next;
  end if;
end;
$function$;

alter function memoriesdb._verify_digest(jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._verify_digest(jsonb) from public;
comment on function memoriesdb._verify_digest(jsonb) is
'How the chain contradicts a digest that was kept.';
