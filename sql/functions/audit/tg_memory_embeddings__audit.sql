create or replace function memoriesdb.tg_memory_embeddings__audit()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the audit
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_entries memoriesdb._audit_entry[];
begin
  -- By model and hash, never by vector.
  if tg_op = 'INSERT' then
    select array_agg((
      n.owner_id, n.memory_id,
      jsonb_build_object('owner_id', n.owner_id, 'memory_id', n.memory_id, 'model_id', n.model_id),
      null, jsonb_build_object('text_hash', encode(n.text_hash, 'hex'))
    )::memoriesdb._audit_entry) into v_entries from new_rows as n;
  elsif tg_op = 'UPDATE' then
    select array_agg((
      n.owner_id, n.memory_id,
      jsonb_build_object('owner_id', n.owner_id, 'memory_id', n.memory_id, 'model_id', n.model_id),
      jsonb_build_object('text_hash', encode(o.text_hash, 'hex')),
      jsonb_build_object('text_hash', encode(n.text_hash, 'hex'))
    )::memoriesdb._audit_entry) into v_entries
    from new_rows as n
    join old_rows as o on o.memory_id = n.memory_id and o.model_id = n.model_id;
  else
    select array_agg((
      o.owner_id, o.memory_id,
      jsonb_build_object('owner_id', o.owner_id, 'memory_id', o.memory_id, 'model_id', o.model_id),
      jsonb_build_object('text_hash', encode(o.text_hash, 'hex')), null
    )::memoriesdb._audit_entry) into v_entries from old_rows as o;
  end if;
  if v_entries is not null then
    perform memoriesdb._write_audit(tg_table_name, tg_op, v_entries);
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memory_embeddings__audit() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memory_embeddings__audit() from public;
comment on function memoriesdb.tg_memory_embeddings__audit() is
'Audits written and removed embeddings by model and hash of the text.';
