-- requires: users
create table memoriesdb.api_tokens (
  id uuid not null,
  user_id uuid not null,
  token_hash bytea not null,
  scopes text[] not null,
  label text,
  issued_by uuid,
  issued_by_login name not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  constraint api_tokens_pkey primary key (id),
  constraint api_tokens_user_exists foreign key (user_id) references memoriesdb.users(id),
  constraint api_tokens_token_hash_is_sha256 check (octet_length(token_hash) = 32),
  constraint api_tokens_scopes_are_known check (
    cardinality(scopes) > 0 and scopes <@ array['read', 'write', 'share', 'admin']
  ),
  constraint api_tokens_label_is_short check (char_length(label) between 1 and 200),
  constraint api_tokens_expires_after_issue check (expires_at > issued_at)
);
create index api_tokens_user_id_idx on memoriesdb.api_tokens (user_id);
alter table memoriesdb.api_tokens enable row level security;
alter table memoriesdb.api_tokens force row level security;
-- The planner's estimates would tell what others have.
alter table memoriesdb.api_tokens
alter column token_hash set statistics 0,
alter column scopes set statistics 0,
alter column label set statistics 0;
comment on table memoriesdb.api_tokens is
'Tokens by which a session becomes a user (login). A token is shown once, by issue_token(); only '
'its hash is kept. Seen by admins and by their user, without the hash.';
comment on column memoriesdb.api_tokens.id is 'Time-ordered UUID.';
comment on column memoriesdb.api_tokens.user_id is 'User whom it opens a session for.';
comment on column memoriesdb.api_tokens.token_hash is
'SHA-256 of the token, which has 256 random bits. Readable by nobody.';
comment on column memoriesdb.api_tokens.scopes is
'What its sessions may do: read, write, share, admin.';
comment on column memoriesdb.api_tokens.label is 'What it is for, as whoever issued it said.';
comment on column memoriesdb.api_tokens.issued_by is
'User who issued it; null where an admin did by his login.';
comment on column memoriesdb.api_tokens.issued_by_login is 'Login that issued it.';
comment on column memoriesdb.api_tokens.issued_at is 'When it was issued.';
comment on column memoriesdb.api_tokens.expires_at is 'From then on it opens no session.';
comment on column memoriesdb.api_tokens.revoked_at is
'Since then it opens no session; transactions that are open go on.';
