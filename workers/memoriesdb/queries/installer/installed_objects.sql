-- The replaceable files that were applied, with their hashes.
select o.path, o.sha256 from memoriesdb_system._installed_object as o;
