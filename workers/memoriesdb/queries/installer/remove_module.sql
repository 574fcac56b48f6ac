-- Remove a Python module that this release does not ship.
delete from memoriesdb_system._python_module where name = %(name)s;
