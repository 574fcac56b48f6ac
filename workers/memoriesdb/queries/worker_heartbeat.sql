-- Say that this worker lives, and what it has done. Raises MD506 when its version is too old for
-- the database.
select memoriesdb.worker_heartbeat(
  %(worker)s::text,
  %(duty)s::text,
  %(version)s::text,
  %(state)s::text,
  %(jobs_done)s::bigint,
  %(jobs_failed)s::bigint
);
