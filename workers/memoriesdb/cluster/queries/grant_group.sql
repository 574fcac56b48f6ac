-- Give a login the rights of its group.
grant {group} to {login}
