-- The Python modules in the database, with the hash of the text that is there.
select m.name as path, pg_catalog.sha256(pg_catalog.convert_to(m.source, 'UTF8')) as sha256
from memoriesdb_system._python_module as m;
