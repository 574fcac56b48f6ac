create or replace function memoriesdb.tg_memories__audit()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the audit
set search_path = pg_catalog, pg_temp
set timezone = 'UTC' -- times become text in the payload
set extra_float_digits = 1
as $function$
declare
  v_entries memoriesdb._audit_entry[];
begin
  -- By the thousand: a statement may change more rows than one array holds.
  if tg_op = 'INSERT' then
    for v_entries in
      select array_agg(
        (r.owner_id, r.id, r.key, null, r.after)::memoriesdb._audit_entry order by r.seq
      )
      from (
        select n.owner_id, n.id, n.seq,
          jsonb_build_object('owner_id', n.owner_id, 'id', n.id) as key,
          memoriesdb._memory_state(n) as after,
          (row_number() over (order by n.seq) - 1) / 1000 as batch
        from new_rows as n
      ) as r
      group by r.batch
      order by r.batch
    loop
      perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
    end loop;
  elsif tg_op = 'UPDATE' then
    for v_entries in
      select array_agg(
        (r.owner_id, r.id, r.key, memoriesdb._changed(r.before, r.after),
          memoriesdb._changed(r.after, r.before)
          || jsonb_build_object('content_hash', r.after -> 'content_hash')
        )::memoriesdb._audit_entry order by r.seq)
      from (
        select n.owner_id, n.id, n.seq,
          jsonb_build_object('owner_id', n.owner_id, 'id', n.id) as key,
          memoriesdb._memory_state(o) as before, memoriesdb._memory_state(n) as after,
          (row_number() over (order by n.seq) - 1) / 1000 as batch
        from new_rows as n
        join old_rows as o on o.id = n.id
      ) as r
      group by r.batch
      order by r.batch
    loop
      perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
    end loop;
  else
    for v_entries in
      select array_agg(
        (r.owner_id, r.id, r.key, r.before, null)::memoriesdb._audit_entry order by r.seq
      )
      from (
        select o.owner_id, o.id, o.seq,
          jsonb_build_object('owner_id', o.owner_id, 'id', o.id) as key,
          memoriesdb._memory_state(o) as before,
          (row_number() over (order by o.seq) - 1) / 1000 as batch
        from old_rows as o
      ) as r
      group by r.batch
      order by r.batch
    loop
      perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
    end loop;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__audit() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__audit() from public;
comment on function memoriesdb.tg_memories__audit() is
'Audits every changed memory in the same transaction.';
