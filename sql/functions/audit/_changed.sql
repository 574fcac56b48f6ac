create or replace function memoriesdb._changed(state jsonb, other jsonb)
returns jsonb
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return (
    select coalesce(jsonb_object_agg(s.key, s.value), '{}'::jsonb)
    from jsonb_each(state) as s
    where s.value is distinct from other -> s.key
  );
end;
$function$;

alter function memoriesdb._changed(jsonb, jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._changed(jsonb, jsonb) from public;
comment on function memoriesdb._changed(jsonb, jsonb) is
'The keys of one JSON object whose values differ from another one''s.';
