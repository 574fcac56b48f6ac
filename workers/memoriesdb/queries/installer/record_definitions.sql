-- Note what the catalogue says at the end of an install; `verify` compares with it.
delete from memoriesdb_system._installed_definition;
insert into memoriesdb_system._installed_definition (kind, identity, sha256)
select d.kind, d.identity, d.sha256 from (
{definitions}
) as d;
