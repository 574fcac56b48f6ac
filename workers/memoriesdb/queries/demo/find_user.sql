-- The id of a user, made if there is none of this name.
select coalesce(memoriesdb.user_id(%(username)s::text), memoriesdb.create_user(%(username)s::text))::text;
