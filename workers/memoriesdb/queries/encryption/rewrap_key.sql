-- Replace the wrapping of a data key.
select memoriesdb.rewrap_owner_key(
  key_id => %(key_id)s::integer,
  wrapped_key => %(wrapped_key)s::bytea,
  provider => %(provider)s::text,
  provider_key => %(provider_key)s::text
);
