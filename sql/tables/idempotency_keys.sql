create table memoriesdb.idempotency_keys (
  owner_id uuid not null,
  key_hash bytea not null,
  memory_ids uuid[],
  created_at timestamptz not null default clock_timestamp(),
  constraint idempotency_keys_pkey primary key (owner_id, key_hash),
  constraint idempotency_keys_key_hash_is_sha256 check (octet_length(key_hash) = 32)
);
create index idempotency_keys_owner_id_created_at_idx
on memoriesdb.idempotency_keys (owner_id, created_at);
alter table memoriesdb.idempotency_keys enable row level security;
alter table memoriesdb.idempotency_keys force row level security;
-- Nobody who looks at estimates learns what there is.
alter table memoriesdb.idempotency_keys
alter column key_hash set statistics 0,
alter column memory_ids set statistics 0;
comment on table memoriesdb.idempotency_keys is
'What remember() and remember_many() have kept under an idempotency key, so that a retry keeps '
'nothing twice. Rows older than settings.idempotency_days go when the same owner keeps something '
'under a key. Nothing of a text is in it.';
comment on column memoriesdb.idempotency_keys.owner_id is 'Who has kept it.';
comment on column memoriesdb.idempotency_keys.key_hash is 'SHA-256 of the key as UTF-8.';
comment on column memoriesdb.idempotency_keys.memory_ids is
'Ids of the memories in the order in which they were given; null only within the transaction that '
'keeps them. A memory may have been erased since.';
comment on column memoriesdb.idempotency_keys.created_at is 'When they were kept.';
