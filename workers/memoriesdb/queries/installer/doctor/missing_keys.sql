-- Purposes for which there is no signing key in use: no token opens a session, no query is hashed.
select p.purpose as detail
from pg_catalog.unnest(array['session', 'query']) as p (purpose)
where not exists(
  select from memoriesdb.signing_keys as k
  where k.purpose = p.purpose and k.retired_at is null
)
order by p.purpose;
