-- Whether this login is a user without naming one.
select memoriesdb.current_user_id() is not null as is_mapped;
