-- Have a login be no more than itself until it says SET ROLE.
alter role {login} noinherit
