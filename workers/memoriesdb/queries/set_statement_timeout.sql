-- Bound the statements of this transaction. Local: behind a pool in transaction mode a session's
-- setting would stay with the server connection and reach the next client.
select pg_catalog.set_config('statement_timeout', %(milliseconds)s::text, true);
