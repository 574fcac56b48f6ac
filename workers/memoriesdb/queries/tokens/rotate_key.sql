-- Sign sessions with a new key; gives its number.
select memoriesdb.rotate_signing_key(%(grace)s::interval);
