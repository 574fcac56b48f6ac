-- What the catalogue said at the end of the last install.
select d.kind, d.identity, d.sha256 from memoriesdb_system._installed_definition as d;
