-- Report that a claimed vector index was not built, or not dropped: retry, dead or refused.
select memoriesdb.fail_vector_index(
  %(worker)s::text, %(lease_token)s::bigint, %(error)s::text, %(counts)s::boolean
);
