-- Let a role log in; the password travels as its SCRAM secret, never in clear text.
alter role {login} login password {secret}
