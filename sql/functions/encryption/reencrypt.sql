-- Optimistic: what was changed since it was read, or is being changed, is left for the next round.
create or replace function memoriesdb.reencrypt(
  memory_ids uuid[], versions integer[], contents text[]
)
returns setof uuid
language plpgsql
volatile
parallel unsafe
security definer -- keeps the vectors, which users do not write; only the user's own memories
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
begin
  if cardinality(memory_ids) is distinct from cardinality(versions)
     or cardinality(memory_ids) is distinct from cardinality(contents) then
    raise exception 'the arrays differ in length' using
      errcode = 'MD110', hint = 'Give one version and one ciphertext for each memory.';
  end if;
  if exists (
    select from unnest(contents) as c where (memoriesdb._ciphertext_header(c)).key_id is null
  ) then
    raise exception 'a text is no ciphertext' using
      errcode = 'MD605', hint = 'Give texts that begin with mdbenc1:, as the client makes them.';
  end if;
  return query
  with former as materialized (
    select m.id, m.embedding_text_hash, m.is_encrypted, g.content
    from unnest(memory_ids, versions, contents) as g (id, version, content)
    join memoriesdb.memories as m
      on m.owner_id = v_user_id and m.id = g.id and m.version = g.version
    order by m.id
    for no key update of m skip locked
  ),

  written as (
    update memoriesdb.memories as m
    set content = f.content, is_encrypted = true
    from former as f
    where m.owner_id = v_user_id and m.id = f.id
    returning m.id, m.embedding_text_hash
  ),

  -- The text is the same, so the vector that its owner gave is still of it.
  kept as (
    update memoriesdb.memory_embeddings as e
    set text_hash = w.embedding_text_hash
    from written as w
    join former as f on f.id = w.id
    where e.owner_id = v_user_id and e.memory_id = w.id and f.is_encrypted
      and e.text_hash = f.embedding_text_hash
  )

  select w.id from written as w;
end;
$function$;

alter function memoriesdb.reencrypt(uuid[], integer[], text[]) owner to memoriesdb_definer;
revoke all on function memoriesdb.reencrypt(uuid[], integer[], text[]) from public;
grant execute on function memoriesdb.reencrypt(uuid[], integer[], text[])
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.reencrypt(uuid[], integer[], text[]) is
'Write new ciphertexts of the same texts, each made for the version after the given one; returns '
'the memories that were written. Not those that are another version now or are being written: read '
'them again. Vectors of encrypted memories stay good; those of plain ones are removed. Raises '
'MD110, MD601, MD602, MD605.';
