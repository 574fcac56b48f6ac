-- Comparisons of built-in types are leakproof, so the planner may put a user's own condition before
-- a policy that costs more: EXPLAIN ANALYZE then told whether anybody's row satisfied it, letter by
-- letter. Between equals the policy comes first, and nothing is cheaper than what costs nothing,
-- as `is null` and subscripts do: hence the cost of 0, which CREATE FUNCTION refuses, and which a
-- dump does not carry (an upgrade sets it again, doctor and verify miss it). Without a superuser it
-- is the smallest that there is. An alias of uuid_eq, so that this is as cheap as it says; and no
-- search_path, which would make it a thousand times dearer.
-- @if superuser
create or replace function memoriesdb._gate_equal(uuid, uuid)
returns boolean
language internal
immutable
strict
parallel safe
security invoker
cost 1e-45
as 'uuid_eq';
update pg_catalog.pg_proc set procost = 0
where oid = 'memoriesdb._gate_equal(uuid, uuid)'::pg_catalog.regprocedure;
-- @end
-- @if no superuser
create or replace function memoriesdb._gate_equal(uuid, uuid)
returns boolean
language plpgsql
immutable
strict
parallel safe
security invoker
cost 1e-45
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
