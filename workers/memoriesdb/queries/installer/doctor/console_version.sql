-- On the console of PgBouncer: its version.
show version;
