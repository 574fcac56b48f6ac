-- Let a service act for a user, both by name; no row where nobody has one of them.
select memoriesdb.assign_service(s.id, u.id)
from memoriesdb.users as s
cross join memoriesdb.users as u
where s.username = %(service)s::text and u.username = %(username)s::text;
