-- All users, active ones first.
select u.id, u.username, u.role, u.is_active, u.db_role::text as db_role, u.created_at
from memoriesdb.users as u
order by u.is_active desc, u.username;
