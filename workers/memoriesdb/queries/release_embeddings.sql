-- Give claimed jobs back without counting an attempt: the provider's trouble, or a clean stop.
select memoriesdb.release_embeddings(
  %(worker)s::text,
  %(job_ids)s::bigint[],
  %(lease_tokens)s::bigint[],
  %(error)s::text,
  pg_catalog.make_interval(secs => %(retry_after)s)
);
