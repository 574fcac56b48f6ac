-- Count a failed attempt of one text: retry (later), dead (no attempt left) or refused (lease
-- lost).
select memoriesdb.fail_embedding(
  %(worker)s::text,
  %(job_id)s::bigint,
  %(lease_token)s::bigint,
  %(error)s::text,
  %(permanent)s::boolean,
  pg_catalog.make_interval(secs => %(retry_after)s)
);
