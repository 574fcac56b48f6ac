-- Count a failed refresh of one slice: retry, dead or refused. The old data stays readable.
select memoriesdb.fail_vindexing(
  %(worker)s::text,
  %(job_id)s::bigint,
  %(lease_token)s::bigint,
  %(error)s::text,
  %(permanent)s::boolean,
  pg_catalog.make_interval(secs => %(retry_after)s)
);
