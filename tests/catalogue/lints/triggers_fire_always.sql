-- session_replication_role = replica silences the others.
select format('trigger %s on %s', t.tgname, t.tgrelid::regclass)
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
where c.relnamespace = 'memoriesdb'::regnamespace and not t.tgisinternal and t.tgenabled <> 'A'
