-- On the console of PgBouncer: its config.
show config;
