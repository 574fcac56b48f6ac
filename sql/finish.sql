-- The end of every install and upgrade: what the objects above need to be of use.
select memoriesdb.maintain_audit_partitions();
-- The keys of this database: made here, and never a part of a release.
select memoriesdb._new_signing_key(p) from unnest(array['session', 'query']) as p
where not exists (
  select from memoriesdb.signing_keys as k where k.purpose = p and k.retired_at is null
);
insert into memoriesdb.ledger_state default values on conflict do nothing;
select memoriesdb._refresh_graph_slice(s::smallint) from pg_catalog.generate_series(0, 15) as s
where not (
  select c.relispopulated from pg_catalog.pg_class as c
  where c.oid = pg_catalog.format(
    'memoriesdb._memory_graph_%s', pg_catalog.lpad(s::text, 2, '0')
  )::regclass
);
-- alembic makes its table without a word.
comment on table memoriesdb_system.alembic_version is 'The migration that the tables have come to.';
comment on column memoriesdb_system.alembic_version.version_num is 'Its revision.';
-- @if no superuser
-- What bootstrap.sql gave this login, and what it lent the definer.
revoke create on schema memoriesdb
from memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser;
do $block$
begin
  execute pg_catalog.format(
    'revoke memoriesdb_owner, memoriesdb_definer, memoriesdb_signer, memoriesdb_eraser from %I',
    current_user
  );
end;
$block$;
-- @end
