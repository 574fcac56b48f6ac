-- Give plain memories vectors that were made of the same texts; gives those that have got one. The
-- vectors are sent as an untyped literal: the function's signature gives it its type.
select memoriesdb.put_embeddings(
  memory_ids => %(memory_ids)s::uuid[],
  model => %(model)s::text,
  text_hashes => %(text_hashes)s::bytea[],
  embeddings => %(embeddings)s
);
