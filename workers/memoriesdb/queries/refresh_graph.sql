-- Refresh one claimed slice of the graph and complete its job in the same transaction.
-- Gives refreshed, or refused when the lease was lost; raises when the refresh fails.
select memoriesdb.refresh_graph(%(worker)s::text, %(job_id)s::bigint, %(lease_token)s::bigint);
