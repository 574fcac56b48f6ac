-- An array and not a join: policies must not read other tables with policies, and the array is an
-- index condition.
create or replace function memoriesdb._granted_ids(privilege text default 'read')
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
    select array_agg(g.memory_id)
    from memoriesdb.memory_grants as g
    where g.grantee_id = v_user_id
      and (_granted_ids.privilege = 'read' or g.privilege = 'write')
      -- By the clock: a query of several statements, and a DO block, began before it expired.
      and (g.expires_at is null or g.expires_at > clock_timestamp())
  ), '{}'::uuid[]);
end;
$function$;

alter function memoriesdb._granted_ids(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._granted_ids(text) from public;
grant execute on function memoriesdb._granted_ids(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._granted_ids(text) is
'Ids of the memories that others have granted to the user of this transaction: privilege read, '
'or write.';
