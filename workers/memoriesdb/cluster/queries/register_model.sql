-- Tell the database which model embeds, and where; again is harmless.
select memoriesdb.register_embedding_model(
  name => %(name)s, provider => %(provider)s, endpoint => %(endpoint)s,
  dimensions => %(dimensions)s, model => %(model)s, max_tokens => %(max_tokens)s,
  query_prefix => %(query_prefix)s, passage_prefix => %(passage_prefix)s
)
