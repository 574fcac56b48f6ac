create table memoriesdb.signing_keys (
  id integer not null generated always as identity,
  purpose text not null,
  key bytea not null,
  created_at timestamptz not null default clock_timestamp(),
  -- A signature made with it counts in transactions that began before then.
  retired_at timestamptz,
  constraint signing_keys_pkey primary key (id),
  constraint signing_keys_purpose_is_known check (purpose in ('session', 'query')),
  constraint signing_keys_key_is_long check (octet_length(key) = 32),
  constraint signing_keys_query_key_stays check (purpose = 'session' or retired_at is null)
);
create unique index signing_keys_purpose_idx
on memoriesdb.signing_keys (purpose) where retired_at is null;
alter table memoriesdb.signing_keys enable row level security;
alter table memoriesdb.signing_keys force row level security;
-- The planner's statistics would hold the keys.
alter table memoriesdb.signing_keys
alter column purpose set statistics 0,
alter column key set statistics 0;
comment on table memoriesdb.signing_keys is
'Secrets of this database, made at install. Read by the one function that signs, which gives '
'signatures to the other functions and the key to nobody.';
comment on column memoriesdb.signing_keys.id is 'Number of the key; sessions name it.';
comment on column memoriesdb.signing_keys.purpose is
'session (signs the user of a transaction; rotated by rotate_signing_key) or query (hashes what '
'access_log must not reveal; stays).';
comment on column memoriesdb.signing_keys.key is '32 random bytes.';
comment on column memoriesdb.signing_keys.created_at is 'When it was made.';
comment on column memoriesdb.signing_keys.retired_at is
'Sessions of transactions that began later are not accepted with it; null: it is in use.';
comment on sequence memoriesdb.signing_keys_id_seq is 'Numbers of the keys: signing_keys.id.';
