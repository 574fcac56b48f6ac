-- Keep a new data key, wrapped, and use it from now on.
select memoriesdb.add_owner_key(
  key_id => %(key_id)s::integer,
  wrapped_key => %(wrapped_key)s::bytea,
  provider => %(provider)s::text,
  provider_key => %(provider_key)s::text
);
