-- Reactivate the user of a name; no row where nobody has it.
select memoriesdb.reactivate_user(u.id)
from memoriesdb.users as u
where u.username = %(username)s::text;
