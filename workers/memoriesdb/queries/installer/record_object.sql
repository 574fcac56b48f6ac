-- Note that a replaceable file was applied.
insert into memoriesdb_system._installed_object (path, sha256)
values (%(path)s, %(sha256)s)
on conflict (path) do update set sha256 = excluded.sha256, applied_at = clock_timestamp();
