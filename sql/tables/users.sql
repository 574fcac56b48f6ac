create table memoriesdb.users (
  id uuid not null,
  username text not null,
  email text,
  role text not null default 'user',
  is_active boolean not null default true,
  -- A login that acts as this user. The oid is kept beside the name: a name can be dropped and
  -- taken by somebody else.
  db_role name,
  db_role_oid oid,
  created_at timestamptz not null,
  deactivated_at timestamptz,
  constraint users_pkey primary key (id),
  constraint users_username_is_short check (
    username = btrim(username) and char_length(username) between 1 and 200
  ),
  -- A name is a line in a list: none ends it, colours it or turns it round.
  constraint users_username_is_one_line check (
    username !~ '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'
  ),
  constraint users_email_looks_like_one check (
    email ~ '^[^@\s]+@[^@\s]+$' and char_length(email) <= 320
  ),
  constraint users_role_is_known check (role in ('admin', 'user', 'service', 'viewer')),
  constraint users_inactive_has_time check (is_active = (deactivated_at is null)),
  constraint users_db_role_has_oid check ((db_role is null) = (db_role_oid is null)),
  constraint users_db_role_is_unique unique (db_role)
);
-- Not of the bare name: || is not leakproof, so no condition of a user's own is looked up in the
-- index. By the name itself EXPLAIN ANALYZE told which names there are, letter by letter.
create unique index users_username_idx on memoriesdb.users ((username || ''));
alter index memoriesdb.users_username_idx alter column 1 set statistics 0;
alter table memoriesdb.users enable row level security;
alter table memoriesdb.users force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.users
alter column username set statistics 0,
alter column email set statistics 0,
alter column role set statistics 0;
comment on table memoriesdb.users is
'Those who own memories: people and agents. Managed by memoriesdb_admin through functions; a '
'user sees his own row.';
comment on column memoriesdb.users.id is 'Time-ordered UUID.';
comment on column memoriesdb.users.username is
'Unique name, 1 to 200 characters, none of them a control character.';
comment on column memoriesdb.users.email is 'Optional; not used for anything here.';
comment on column memoriesdb.users.role is 'admin, user, service, or viewer (reads only).';
comment on column memoriesdb.users.is_active is 'False: no session can act as this user any more.';
comment on column memoriesdb.users.db_role is
'Login that acts as this user without naming it (map_db_role).';
comment on column memoriesdb.users.db_role_oid is 'Oid of that login when it was mapped.';
comment on column memoriesdb.users.created_at is 'When the user was made.';
comment on column memoriesdb.users.deactivated_at is 'When the user was deactivated.';

-- Read without regard to snapshots: see _raise_if_unseen().
create sequence memoriesdb.deactivation_mark_seq;
comment on sequence memoriesdb.deactivation_mark_seq is
'Number of the transaction that last deactivated a user or mapped a login.';
