-- The id of the user with exactly this name.
select memoriesdb.user_id(%(username)s)
