create or replace function memoriesdb._grantors(privilege text default 'read')
returns uuid[]
language plpgsql
stable
parallel restricted
security definer -- reads memory_grants from within policies
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- What one cannot read one does not learn of, a grant to write included.
  v_user_id uuid := memoriesdb._user_with_scope('read');
begin
  return coalesce((
    select array_agg(distinct g.owner_id)
    from memoriesdb.memory_grants as g
    where g.grantee_id = v_user_id
      and (_grantors.privilege = 'read' or g.privilege = 'write')
      -- By the clock: a query of several statements, and a DO block, began before it expired.
      and (g.expires_at is null or g.expires_at > clock_timestamp())
  ), '{}'::uuid[]);
end;
$function$;

alter function memoriesdb._grantors(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._grantors(text) from public;
grant execute on function memoriesdb._grantors(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._grantors(text) is
'Owners of the memories that _granted_ids() names: with both, the policy''s condition is on the '
'primary key.';
