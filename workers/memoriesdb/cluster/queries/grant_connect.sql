-- Let a login connect to the database (PUBLIC may not).
grant connect on database {database} to {login}
