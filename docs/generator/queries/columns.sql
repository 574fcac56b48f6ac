-- Columns of tables and views, in their order.
select
  c.relname as relation,
  a.attname as name,
  pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
  a.attnotnull as is_not_null,
  case
    when a.attidentity = 'a' then 'generated always as identity'
    else pg_catalog.pg_get_expr(d.adbin, d.adrelid)
  end as default_value,
  pg_catalog.col_description(c.oid, a.attnum) as comment
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on a.attrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where n.nspname in ('memoriesdb', 'memoriesdb_system') and c.relkind in ('r', 'p', 'v')
  and not c.relispartition
  and a.attnum > 0 and not a.attisdropped
order by c.relname, a.attnum
