-- Subscriptions that write to tables of MemoriesDB: another server decides what is in them.
select pg_catalog.format(
  '%s%s: %s tables', s.subname, case when not s.subenabled then ' (disabled)' end,
  pg_catalog.count(*)
) as detail
from pg_catalog.pg_subscription_rel as r
inner join pg_catalog.pg_subscription as s on r.srsubid = s.oid
inner join pg_catalog.pg_class as c on r.srrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where n.nspname = 'memoriesdb'
group by s.subname, s.subenabled
order by s.subname;
