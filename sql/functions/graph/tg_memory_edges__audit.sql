create or replace function memoriesdb.tg_memory_edges__audit()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the audit
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $function$
declare
  v_entries memoriesdb._audit_entry[];
begin
  if tg_op = 'INSERT' then
    select array_agg(
      (n.owner_id, n.source_id, memoriesdb._edge_key(n), null, to_jsonb(n))::memoriesdb._audit_entry
    )
    into v_entries from new_rows as n;
  elsif tg_op = 'UPDATE' then
    select array_agg((
      n.owner_id, n.source_id, memoriesdb._edge_key(n),
      memoriesdb._changed(to_jsonb(o), to_jsonb(n)), memoriesdb._changed(to_jsonb(n), to_jsonb(o))
    )::memoriesdb._audit_entry)
    into v_entries
    from new_rows as n
    join old_rows as o
      on o.source_id = n.source_id and o.target_id = n.target_id and o.relation = n.relation;
  else
    select array_agg(
      (o.owner_id, o.source_id, memoriesdb._edge_key(o), to_jsonb(o), null)::memoriesdb._audit_entry
    )
    into v_entries from old_rows as o;
  end if;
  if v_entries is not null then
    perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memory_edges__audit() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memory_edges__audit() from public;
comment on function memoriesdb.tg_memory_edges__audit() is
'Audits every changed edge in the same transaction.';
