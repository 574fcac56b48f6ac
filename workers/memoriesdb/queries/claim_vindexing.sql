-- Claim slices of the graph that need a refresh, one row a slice, older requests coalesced.
select job_id, lease_token, slice, requests, attempt, lease_until
from memoriesdb.claim_vindexing(
  %(worker)s::text, %(batch)s::integer, pg_catalog.make_interval(secs => %(lease)s)
);
