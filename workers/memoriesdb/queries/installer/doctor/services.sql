-- Services, and for how many users each may act.
select pg_catalog.format('%s for %s', s.username, pg_catalog.count(*)) as detail
from memoriesdb.service_assignments as a
inner join memoriesdb.users as s on a.service_id = s.id
group by s.username
order by s.username;
