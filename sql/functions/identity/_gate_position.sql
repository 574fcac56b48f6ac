-- As _gate_equal(): asked before any condition of the user's own.
-- @if superuser
create or replace function memoriesdb._gate_position(uuid[], uuid)
returns integer
language internal
immutable
parallel safe
security invoker
cost 1e-45
as 'array_position';
update pg_catalog.pg_proc set procost = 0
where oid = 'memoriesdb._gate_position(uuid[], uuid)'::pg_catalog.regprocedure;
-- @end
-- @if no superuser
create or replace function memoriesdb._gate_position(uuid[], uuid)
returns integer
language plpgsql
immutable
parallel safe
security invoker
cost 1e-45
set search_path = pg_catalog, pg_temp
as $function$
begin
  return array_position($1, $2);
end;
$function$;
-- @end

alter function memoriesdb._gate_position(uuid[], uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._gate_position(uuid[], uuid) from public;
grant execute on function memoriesdb._gate_position(uuid[], uuid)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._gate_position(uuid[], uuid) is
'Place of an id in an array, or null; so cheap to the planner that a policy made of it is asked '
'before any condition of the user''s own.';
