-- On the console of PgBouncer: its databases.
show databases;
