-- _NNN_<what>: 1 stamp, 5 derive, 9 audit, queue and refuse; the function is tg_<table>__<what>, or tg_<what> where
-- several tables have it.
select format('trigger %s on %s', t.tgname, c.relname)
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
inner join pg_proc as f on t.tgfoid = f.oid
where c.relnamespace = 'memoriesdb'::regnamespace and not t.tgisinternal
  and not (
    t.tgname ~ '^_[159][0-9]{2}_[a-z_]+$'
    -- Bit 2 of pg_trigger.tgtype: before.
    and case t.tgname::text ~ '^_1|_refuse_' when true then t.tgtype & 2 = 2 else t.tgtype & 2 = 0 end
    and (f.proname ~ ('^tg_' || c.relname || '__[a-z_]+$') or f.proname in (
      'tg_refuse_change', 'tg_refuse_change_but_erasure', 'tg_refuse_truncate', 'tg_audit_rows'
    ))
  )
