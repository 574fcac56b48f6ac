-- Write new ciphertexts of the same texts where nobody changed the memory; gives those written.
select memoriesdb.reencrypt(
  memory_ids => %(memory_ids)s::uuid[],
  versions => %(versions)s::integer[],
  contents => %(contents)s::text[]
);
