create or replace function memoriesdb.act_for(user_id uuid)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- reads service_assignments and signs
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  v_service_id uuid := coalesce(v_who.actor_id, v_who.user_id);
begin
  if v_service_id is null then
    perform memoriesdb._require_user();
  end if;
  if not exists (
    select from memoriesdb.service_assignments as s
    join memoriesdb.users as a on a.id = s.service_id and a.role = 'service'
    join memoriesdb.users as u on u.id = s.user_id and u.is_active
    where s.service_id = v_service_id and s.user_id = act_for.user_id
  ) then
    raise exception 'not assigned to this user' using
      errcode = 'MD010',
      detail = format('%s is no service that may act for %s.', v_service_id,
        coalesce(act_for.user_id::text, 'null')),
      hint = 'An admin assigns services: memoriesdb.assign_service(service_id, user_id).';
  end if;
  perform memoriesdb._begin_session(
    act_for.user_id, v_who.token_id, v_service_id,
    array(select s from unnest(v_who.scopes) as s where s <> 'admin')
  );
  return act_for.user_id;
end;
$function$;

alter function memoriesdb.act_for(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.act_for(uuid) from public;
grant execute on function memoriesdb.act_for(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.act_for(uuid) is
'As a service: act for a user to whom it was assigned, until the end of the transaction and within '
'the scopes of its token; returns the user''s id. The audit names both. May be called again for '
'another user. Raises MD001, MD010.';
