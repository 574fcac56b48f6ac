-- Publications with tables of MemoriesDB: a subscriber reads every row, whatever the policies say.
select p.pubname || ': ' || pg_catalog.count(*) || ' tables' as detail
from pg_catalog.pg_publication_tables as p
where p.schemaname = 'memoriesdb'
group by p.pubname
order by p.pubname;
