-- Forget a replaceable file that this release does not ship, or not for this server.
delete from memoriesdb_system._installed_object where path = %(path)s;
