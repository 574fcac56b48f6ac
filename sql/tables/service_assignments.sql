-- requires: users
create table memoriesdb.service_assignments (
  service_id uuid not null,
  user_id uuid not null,
  assigned_at timestamptz not null,
  constraint service_assignments_pkey primary key (service_id, user_id),
  constraint service_assignments_service_exists
    foreign key (service_id)
    references memoriesdb.users(id),
  constraint service_assignments_user_exists foreign key (user_id) references memoriesdb.users(id),
  constraint service_assignments_is_not_to_oneself check (service_id <> user_id)
);
create index service_assignments_user_id_idx on memoriesdb.service_assignments (user_id);
alter table memoriesdb.service_assignments enable row level security;
alter table memoriesdb.service_assignments force row level security;
comment on table memoriesdb.service_assignments is
'For which users a service may act (act_for). Written by assign_service() and unassign_service(); '
'seen by admins, by the service and by the user.';
comment on column memoriesdb.service_assignments.service_id is 'User with the role service.';
comment on column memoriesdb.service_assignments.user_id is 'User for whom it may act.';
comment on column memoriesdb.service_assignments.assigned_at is 'When it was assigned.';
