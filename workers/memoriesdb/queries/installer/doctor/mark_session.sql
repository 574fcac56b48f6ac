-- Set, for the session, a user that nobody is; returns the backend that has it.
select pg_catalog.pg_backend_pid() as backend_pid
from pg_catalog.set_config('app.current_user', 'memoriesdb doctor', false);
