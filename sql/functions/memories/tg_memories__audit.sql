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
  v_rows refcursor;
  v_entry memoriesdb._audit_entry;
  v_entries memoriesdb._audit_entry[] := '{}'::memoriesdb._audit_entry[];
begin
  if tg_op = 'INSERT' then
    -- Few at once; the states of many may not fit an array.
    v_entries := array(
      select (
        n.owner_id, n.id, jsonb_build_object('owner_id', n.owner_id, 'id', n.id), null::jsonb,
        memoriesdb._memory_state(n)
      )::memoriesdb._audit_entry
      from new_rows as n
      order by n.seq
      limit 11
    );
    if cardinality(v_entries) <= 10 then
      if cardinality(v_entries) > 0 then
        perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
      end if;
      return null;
    end if;
    v_entries := '{}'::memoriesdb._audit_entry[];
    open v_rows for
      select n.owner_id, n.id, jsonb_build_object('owner_id', n.owner_id, 'id', n.id),
        null::jsonb, memoriesdb._memory_state(n)
      from new_rows as n
      order by n.seq;
  elsif tg_op = 'UPDATE' then
    open v_rows for
      select r.owner_id, r.id, jsonb_build_object('owner_id', r.owner_id, 'id', r.id),
        memoriesdb._changed(r.before, r.after),
        memoriesdb._changed(r.after, r.before)
        || jsonb_build_object('content_hash', r.after -> 'content_hash')
      from (
        select n.owner_id, n.id, n.seq, memoriesdb._memory_state(o) as before,
          memoriesdb._memory_state(n) as after
        from new_rows as n
        join old_rows as o on o.id = n.id
        offset 0 -- each state is made once, and not wherever it is named above
      ) as r
      order by r.seq;
  else
    open v_rows for
      select o.owner_id, o.id, jsonb_build_object('owner_id', o.owner_id, 'id', o.id),
        memoriesdb._memory_state(o), null::jsonb
      from old_rows as o
      order by o.seq;
  end if;
  -- By the thousand: a statement may change more rows than one array holds.
  loop
    fetch v_rows into v_entry;
    exit when not found;
    v_entries := v_entries || v_entry;
    if cardinality(v_entries) = 1000 then
      perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
      v_entries := '{}'::memoriesdb._audit_entry[];
    end if;
  end loop;
  close v_rows;
  if cardinality(v_entries) > 0 then
    perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__audit() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__audit() from public;
comment on function memoriesdb.tg_memories__audit() is
'Audits every changed memory in the same transaction.';
