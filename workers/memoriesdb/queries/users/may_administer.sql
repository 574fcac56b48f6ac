-- Whether this login may administer: others would see no user, and take it that there is none.
select
  pg_catalog.pg_has_role(session_user, 'memoriesdb_admin', 'member')
  or memoriesdb._user_with_scope('admin') is not null;
