-- Deactivate the user of a name; no row where nobody has it.
select memoriesdb.deactivate_user(u.id)
from memoriesdb.users as u
where u.username = %(username)s::text;
