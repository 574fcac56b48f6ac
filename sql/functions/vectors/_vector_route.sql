create or replace function memoriesdb._vector_route(owner_id uuid, model_id uuid)
returns text
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_index record;
  v_count bigint;
begin
  select v.* into v_index from memoriesdb._vector_index(owner_id, model_id) as v;
  select n.newer into v_count
  from memoriesdb._newer_vectors(owner_id, model_id, coalesce(v_index.through_doc, 0)) as n;
  if v_index.index_name is null then
    return format('exact: %s vectors', to_char(v_count, 'FM999,999,999,990'));
  end if;
  return format(
    'index %s, through doc %s, and %s newer ones exactly',
    v_index.index_name, v_index.through_doc, to_char(v_count, 'FM999,999,999,990')
  );
end;
$function$;

alter function memoriesdb._vector_route(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._vector_route(uuid, uuid) from public;
comment on function memoriesdb._vector_route(uuid, uuid) is
'How _nearest() finds the nearest of this owner''s vectors by this model, for explain_recall().';
