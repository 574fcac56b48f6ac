-- One install at a time in this database.
select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('memoriesdb.install', 0));
