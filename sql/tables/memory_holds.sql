-- References nothing: a hold outlives what somebody did behind the triggers.
create table memoriesdb.memory_holds (
  id uuid not null,
  owner_id uuid not null,
  memory_id uuid,
  reason text not null,
  placed_by uuid,
  placed_by_login name not null,
  placed_at timestamptz not null,
  constraint memory_holds_pkey primary key (id),
  constraint memory_holds_reason_is_short check (char_length(reason) between 1 and 1000)
);
-- No index on whose memory it is: a look-up in one would tell anybody who is held. Holds are few.
alter table memoriesdb.memory_holds enable row level security;
alter table memoriesdb.memory_holds force row level security;
alter table memoriesdb.memory_holds
alter column reason set statistics 0;
comment on table memoriesdb.memory_holds is
'Legal holds: while there is one, the memory, or every memory of the owner, can be neither '
'forgotten, deleted, given away nor erased. Written by hold() and release(); seen by admins and by '
'the owner.';
comment on column memoriesdb.memory_holds.id is 'Time-ordered UUID, for release().';
comment on column memoriesdb.memory_holds.owner_id is 'Owner whose memory is held.';
comment on column memoriesdb.memory_holds.memory_id is
'memories.id; null where all memories of the owner are held.';
comment on column memoriesdb.memory_holds.reason is 'Why, as whoever placed it said.';
comment on column memoriesdb.memory_holds.placed_by is
'User who placed it; null where an admin did by his login.';
comment on column memoriesdb.memory_holds.placed_by_login is 'Login that placed it.';
comment on column memoriesdb.memory_holds.placed_at is 'When it was placed.';

-- Read without regard to snapshots: see _raise_if_unseen().
create sequence memoriesdb.hold_mark_seq;
comment on sequence memoriesdb.hold_mark_seq is
'Number of the transaction that placed the last hold.';
