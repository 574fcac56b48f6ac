-- Comparisons of built-in types are leakproof, so the planner may put a user's own condition before
-- a policy that costs more: EXPLAIN ANALYZE then told whether anybody's row satisfied it, letter by
-- letter. What nearly costs nothing is asked first. An alias of uuid_eq, so that this is true; and
-- no search_path, which would make it a thousand times dearer.
-- @if superuser
create or replace function memoriesdb._gate_equal(uuid, uuid)
returns boolean
language internal
immutable
strict
parallel safe
security invoker
cost 0.0001
as 'uuid_eq';
-- @end
-- @if no superuser
create or replace function memoriesdb._gate_equal(uuid, uuid)
returns boolean
language plpgsql
immutable
strict
parallel safe
security invoker
cost 0.0001
set search_path = pg_catalog, pg_temp
as $function$
begin
  return $1 = $2;
end;
$function$;
-- @end

alter function memoriesdb._gate_equal(uuid, uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._gate_equal(uuid, uuid) from public;
grant execute on function memoriesdb._gate_equal(uuid, uuid)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._gate_equal(uuid, uuid) is
'Whether two ids are equal; so cheap to the planner that a policy made of it is asked before any '
'condition of the user''s own.';
