-- Make a user; gives the id.
select memoriesdb.create_user(%(username)s::text, %(email)s::text, %(role)s::text)::text;
