-- The user that this login is mapped to, or null, and the reason that the audit records.
select
  memoriesdb.current_user_id(),
  pg_catalog.set_config('app.reason', coalesce(%(reason)s::text, ''), true);
