-- The settings of this release.
select
  s.key, s.default_value::text as default_value, s.minimum::text as minimum,
  s.maximum::text as maximum, s.description
from memoriesdb.settings as s
order by s.key
