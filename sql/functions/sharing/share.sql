create or replace function memoriesdb.share(
  memory_id uuid,
  grantee_id uuid,
  privilege text default 'read',
  expires_at timestamptz default null
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- writes memory_grants; the owner is checked in the first statement
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('share');
begin
  if not exists (
    select from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = share.memory_id
  ) then
    perform memoriesdb._raise_not_found(share.memory_id);
  end if;
  if share.grantee_id = v_user_id then
    raise exception 'a memory cannot be shared with its owner' using
      errcode = 'MD301', hint = 'Name another user; memoriesdb.user_id(…) gives the id of a name.';
  end if;
  if not exists (
    select from memoriesdb.users as u where u.id = share.grantee_id and u.is_active
  ) then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No active user has the id %s.', coalesce(share.grantee_id::text, 'null')),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
  if share.privilege is null or share.privilege not in ('read', 'write') then
    raise exception 'unknown privilege' using
      errcode = 'MD302', hint = 'Privileges are read and write.';
  end if;
  perform memoriesdb._require_role_for(share.grantee_id, share.privilege);
  if share.expires_at <= clock_timestamp() then
    raise exception 'the grant would have expired already' using
      errcode = 'MD106', hint = 'Give a time in the future, or none.';
  end if;
  insert into memoriesdb.memory_grants (
    owner_id, memory_id, grantee_id, privilege, expires_at, granted_by, granted_at
  )
  values (
    v_user_id, share.memory_id, share.grantee_id, share.privilege, share.expires_at, v_user_id,
    clock_timestamp()
  )
  on conflict on constraint memory_grants_pkey do update
  set privilege = excluded.privilege,
    expires_at = excluded.expires_at,
    granted_by = excluded.granted_by,
    granted_at = excluded.granted_at;
end;
$function$;

alter function memoriesdb.share(uuid, uuid, text, timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb.share(uuid, uuid, text, timestamptz) from public;
grant execute on function memoriesdb.share(uuid, uuid, text, timestamptz)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.share(uuid, uuid, text, timestamptz) is
'Let another user read (or write) one of one''s own memories, until expires_at or unshare(). '
'Sharing again replaces privilege and expiry. Raises MD201, MD002, MD106, MD301, MD302, MD307 (to '
'an admin, or to a viewer for writing).';
