-- The server's process behind this connection: another one than the driver was told is a pool's.
select pg_catalog.pg_backend_pid();
