-- Change a setting of this database.
select memoriesdb.set_setting(key => %(key)s::text, value => %(value)s::text);
