-- Build the index of one owner, model and range. Writers go on meanwhile. What is not of the
-- model's length would stop the build, and has no distance.
create index concurrently {index_name} on memoriesdb.memory_embeddings
using hnsw ((embedding::{schema}.halfvec({dimensions})) {schema}.halfvec_cosine_ops)
with (m = 16, ef_construction = 128)
where owner_id = {owner_id} and model_id = {model_id} and doc <= {through_doc}
  and {schema}.vector_dims(embedding) = {dimensions};
