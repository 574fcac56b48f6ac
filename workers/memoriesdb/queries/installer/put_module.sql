-- Bring one Python module in the database to the text that is shipped.
insert into memoriesdb_system._python_module (name, source, sha256)
values (%(name)s, %(source)s, %(sha256)s)
on conflict (name) do update set source = excluded.source, sha256 = excluded.sha256;
