-- requires: memories users
create table memoriesdb.memory_grants (
  owner_id uuid not null,
  memory_id uuid not null,
  grantee_id uuid not null,
  privilege text not null default 'read',
  expires_at timestamptz,
  granted_by uuid not null,
  granted_at timestamptz not null,
  constraint memory_grants_pkey primary key (owner_id, memory_id, grantee_id),
  constraint memory_grants_memory_exists
    foreign key (owner_id, memory_id)
    references memoriesdb.memories(owner_id, id) on delete cascade,
  constraint memory_grants_grantee_is_user
    foreign key (grantee_id)
    references memoriesdb.users(id),
  constraint memory_grants_is_not_to_oneself check (grantee_id <> owner_id),
  constraint memory_grants_privilege_is_known check (privilege in ('read', 'write'))
);
create index memory_grants_grantee_id_memory_id_idx
on memoriesdb.memory_grants (grantee_id, memory_id);
alter table memoriesdb.memory_grants enable row level security;
alter table memoriesdb.memory_grants force row level security;
-- The planner's estimates would tell what others have written (explain … where content = 'guess'),
-- and the statistics would keep samples of texts that are erased.
alter table memoriesdb.memory_grants
alter column privilege set statistics 0;
comment on table memoriesdb.memory_grants is
'Who else may read or write a memory, until when. Written through share() and unshare(); read by '
'owner and grantee.';
comment on column memoriesdb.memory_grants.owner_id is 'Owner of the memory.';
comment on column memoriesdb.memory_grants.memory_id is 'memories.id';
comment on column memoriesdb.memory_grants.grantee_id is 'User to whom it is granted.';
comment on column memoriesdb.memory_grants.privilege is 'read, or write (which includes read).';
comment on column memoriesdb.memory_grants.expires_at is
'From then on the grant counts no more; null: until unshared.';
comment on column memoriesdb.memory_grants.granted_by is 'User who granted it.';
comment on column memoriesdb.memory_grants.granted_at is 'When it was granted or changed last.';
