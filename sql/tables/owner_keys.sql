-- requires: users
create table memoriesdb.owner_keys (
  owner_id uuid not null,
  key_id integer not null,
  wrapped_key bytea not null,
  provider text not null,
  provider_key text not null,
  created_at timestamptz not null,
  rewrapped_at timestamptz,
  retired_at timestamptz,
  constraint owner_keys_pkey primary key (owner_id, key_id),
  constraint owner_keys_owner_is_user foreign key (owner_id) references memoriesdb.users(id),
  constraint owner_keys_key_id_is_positive check (key_id > 0),
  constraint owner_keys_provider_is_a_word check (provider ~ '^[a-z][a-z0-9_-]{0,62}$'),
  constraint owner_keys_provider_key_is_short check (char_length(provider_key) <= 2048),
  constraint owner_keys_wrapped_key_is_short check (octet_length(wrapped_key) between 1 and 65536)
);
create unique index owner_keys_owner_id_idx
on memoriesdb.owner_keys (owner_id) where retired_at is null;
alter table memoriesdb.owner_keys enable row level security;
alter table memoriesdb.owner_keys force row level security;
alter table memoriesdb.owner_keys
alter column wrapped_key set statistics 0,
alter column provider set statistics 0,
alter column provider_key set statistics 0;
comment on table memoriesdb.owner_keys is
'Keys with which clients encrypt the contents of one owner, each wrapped by a key that the '
'database never sees. Without that key they are of no use.';
comment on column memoriesdb.owner_keys.owner_id is 'User whose memories it encrypts.';
comment on column memoriesdb.owner_keys.key_id is
'Number of the key of this owner, from 1; every encrypted content names its key.';
comment on column memoriesdb.owner_keys.wrapped_key is
'The 256-bit key, encrypted by the provider.';
comment on column memoriesdb.owner_keys.provider is
'Who wrapped it: keyring, environment, vault, aws-kms.';
comment on column memoriesdb.owner_keys.provider_key is
'Name of the wrapping key at the provider.';
comment on column memoriesdb.owner_keys.created_at is 'When the key was made.';
comment on column memoriesdb.owner_keys.rewrapped_at is
'When it was wrapped anew, by another wrapping key; the key itself is the same.';
comment on column memoriesdb.owner_keys.retired_at is
'Since then nothing new is encrypted with it; null: it is in use.';
