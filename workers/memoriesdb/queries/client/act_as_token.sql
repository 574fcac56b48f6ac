-- Act as the user of this token until the end of the transaction, for a reason that the audit records.
select
  memoriesdb.login(%(token)s::text),
  pg_catalog.set_config('app.reason', coalesce(%(reason)s::text, ''), true);
