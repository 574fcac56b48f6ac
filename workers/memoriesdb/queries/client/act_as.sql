-- Act as this user until the end of the transaction, for a reason that the audit records.
select
  memoriesdb.set_user(%(user_id)s::uuid),
  pg_catalog.set_config('app.reason', coalesce(%(reason)s::text, ''), true);
