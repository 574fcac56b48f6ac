-- Record nothing of an object that no release has made, so that it is still named.
delete from memoriesdb_system._installed_definition
where kind = %(kind)s and identity = %(identity)s;
