-- The models by which there may be embeddings, with what decides about their vectors.
select o.name, o.model, o.dimensions, o.max_tokens, o.passage_prefix, o.is_active
from memoriesdb.embedding_models as o
order by o.name;
