-- Claim the next vector index to build or to drop; no row while there is none, or another worker
-- has one.
select
  action, index_name, lease_token, owner_id, model_id, generation, through_doc, dimensions,
  row_count, vector_schema, attempt
from memoriesdb.claim_vector_index(
  %(worker)s::text, pg_catalog.make_interval(secs => %(lease)s)
);
