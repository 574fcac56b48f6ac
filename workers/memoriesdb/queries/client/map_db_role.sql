-- Let a login act as a user without naming it; null ends that.
select memoriesdb.map_db_role(user_id => %(user_id)s::uuid, db_role => %(db_role)s::name);
