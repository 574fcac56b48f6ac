-- A view reads as its owner: security_invoker, or on this list with security_barrier and a filter by the user (by the
-- login, where it is for services alone).
select format('view %s', c.oid::regclass)
from pg_class as c
where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind = 'v'
  and not coalesce(c.reloptions && '{security_invoker=true,security_invoker=on}', false)
  and not (
    c.relname = 'ledger_status'
    and coalesce(c.reloptions && '{security_barrier=true,security_barrier=on}', false)
    and pg_get_viewdef(c.oid) ~ '\( SELECT memoriesdb\._sees_all_queues\(\) '
  )
  and not (
    c.relname in ('memory_graph', 'queue_status', 'stranded_memories')
    and coalesce(c.reloptions && '{security_barrier=true,security_barrier=on}', false)
    and pg_get_viewdef(c.oid) ~ '\( SELECT memoriesdb\._user_with_scope\(''read''::text\) '
  )
