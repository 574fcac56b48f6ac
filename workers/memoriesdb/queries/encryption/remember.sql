-- Keep a memory whose content is a ciphertext for a reserved id; gives that id.
select memoriesdb.remember_encrypted(
  content => %(content)s::text,
  kind => %(kind)s::text,
  metadata => %(metadata)s::jsonb,
  stream => %(stream)s::text,
  importance => %(importance)s::double precision,
  occurred_at => coalesce(%(occurred_at)s::timestamptz, pg_catalog.now()),
  expires_at => %(expires_at)s::timestamptz,
  embedding => %(embedding)s,
  idempotency_key => %(idempotency_key)s::text
);
