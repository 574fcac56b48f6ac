-- May this role log in with a password already? (No row: there is no such role.)
select rolcanlogin and rolpassword is not null from pg_catalog.pg_authid where rolname = %(login)s
