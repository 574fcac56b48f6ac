-- The id of the user of exactly this name, active or not.
select u.id from memoriesdb.users as u where u.username = %(username)s::text;
