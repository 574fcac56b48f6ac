-- Keep what was recorded of an object that was changed by somebody, so that it is still named.
insert into memoriesdb_system._installed_definition (kind, identity, sha256)
values (%(kind)s, %(identity)s, %(sha256)s)
on conflict (kind, identity) do update set sha256 = excluded.sha256;
