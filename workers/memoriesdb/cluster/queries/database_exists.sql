-- Is the database there?
select exists (select from pg_catalog.pg_database where datname = %(database)s)
