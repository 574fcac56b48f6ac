-- Register a model beside the active one, or its new endpoint; gives its id.
select memoriesdb.add_embedding_model(
  name => %(name)s::text,
  provider => %(provider)s::text,
  endpoint => %(endpoint)s::text,
  dimensions => %(dimensions)s::integer,
  model => %(model)s::text,
  max_tokens => %(max_tokens)s::integer,
  query_prefix => %(query_prefix)s::text,
  passage_prefix => %(passage_prefix)s::text,
  max_concurrency => %(max_concurrency)s::integer
)::text;
