-- All embedding models, the active one first.
select
  m.id, m.name, m.provider, m.endpoint, m.model, m.dimensions, m.max_tokens, m.query_prefix,
  m.passage_prefix, m.max_concurrency, m.is_enabled, m.is_active, m.created_at
from memoriesdb.embedding_models as m
order by m.is_active desc, m.created_at;
