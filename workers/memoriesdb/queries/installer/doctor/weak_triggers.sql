-- Triggers that are off, or that session_replication_role = replica switches off, and partitions of
-- the audit that TRUNCATE would empty.
select pg_catalog.format('%s on %s', t.tgname, c.relname) as detail
from pg_catalog.pg_trigger as t
inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'memoriesdb' and not t.tgisinternal and t.tgenabled <> 'A'
union all
select pg_catalog.format('no _900_refuse_truncate on %s', c.relname)
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'memoriesdb' and c.relispartition and c.relkind = 'r'
  and not exists(
    select from pg_catalog.pg_trigger as t
    where t.tgrelid = c.oid and t.tgname = '_900_refuse_truncate'
  )
order by detail;
