-- Store the vectors of claimed jobs, one outcome a job: stored, changed, refused or invalid.
-- The vectors are sent as one untyped literal: the function's signature gives it its type, so
-- that no schema of the vector extension is named here.
select job_id, outcome
from memoriesdb.complete_embeddings(
  %(worker)s::text,
  %(job_ids)s::bigint[],
  %(lease_tokens)s::bigint[],
  %(text_hashes)s::bytea[],
  %(embeddings)s
);
