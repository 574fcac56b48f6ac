-- Keep a memory of the user of this transaction; gives its id.
select memoriesdb.remember(
  content => %(content)s::text,
  kind => %(kind)s::text,
  metadata => %(metadata)s::jsonb,
  stream => %(stream)s::text,
  importance => %(importance)s::double precision,
  occurred_at => coalesce(%(occurred_at)s::timestamptz, pg_catalog.now()),
  expires_at => %(expires_at)s::timestamptz,
  idempotency_key => %(idempotency_key)s::text
);
