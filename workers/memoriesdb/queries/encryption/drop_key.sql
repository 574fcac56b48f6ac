-- Delete a retired data key that no memory needs.
select memoriesdb.drop_owner_key(key_id => %(key_id)s::integer, shred => %(shred)s::boolean);
