-- The last migration that was applied.
select v.version_num from memoriesdb_system.alembic_version as v;
