-- Id of the active user of exactly this name, or null.
select memoriesdb.user_id(username => %(username)s::text);
