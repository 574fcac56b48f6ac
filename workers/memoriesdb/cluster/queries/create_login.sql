-- Make a login that can do nothing yet.
create role {login} login
