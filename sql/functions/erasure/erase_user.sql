create or replace function memoriesdb.erase_user(user_id uuid)
returns jsonb
language plpgsql
volatile
parallel unsafe
security definer -- locks the rows of another user
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_admin_id uuid := memoriesdb._require_admin();
  v_memory_ids uuid[];
  v_traces jsonb;
  v_facts jsonb;
  v_is_there boolean;
begin
  perform memoriesdb._require_read_committed();
  if v_admin_id = erase_user.user_id then
    raise exception 'an admin does not erase himself' using
      errcode = 'MD414',
      detail = 'The receipt would be nobody''s.',
      hint = 'Another admin does, or a login of memoriesdb_admin.';
  end if;
  perform memoriesdb._mark_deactivation();
  -- Keys to the row wait, so that nothing new becomes his; writers who have it are waited for.
  perform from memoriesdb.users as u where u.id = erase_user.user_id for update;
  v_is_there := found;
  perform from memoriesdb.memories as m where m.owner_id = erase_user.user_id for update;
  v_memory_ids := array(
    select m.id from memoriesdb.memories as m where m.owner_id = erase_user.user_id
    union
    select v.memory_id from memoriesdb.memory_versions as v where v.owner_id = erase_user.user_id
  );
  v_traces := memoriesdb._traces_elsewhere(erase_user.user_id, v_memory_ids);
  v_facts := memoriesdb._erase_memories(erase_user.user_id, v_memory_ids);
  v_facts := memoriesdb._erase_rows_of_user(erase_user.user_id, v_facts) || v_traces;
  -- Of who was erased before there may be what was committed since: an access, a copy's entry.
  if not v_is_there and v_facts ->> 'audit_ids' = '{}'
     and v_facts #>> '{counts,access_log}' = '0' then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No user has the id %s.', coalesce(erase_user.user_id::text, 'null')),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
  -- Last, after the versions, which a hold locks: what was placed meanwhile is seen.
  perform memoriesdb._raise_if_held(h.owner_id, array[h.memory_id])
  from memoriesdb.memory_holds as h
  where h.owner_id = erase_user.user_id;
  perform memoriesdb._raise_if_gift_is_held(erase_user.user_id);
  return memoriesdb._write_receipt('user', erase_user.user_id, v_memory_ids, v_facts);
end;
$function$;

alter function memoriesdb.erase_user(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.erase_user(uuid) from public;
grant execute on function memoriesdb.erase_user(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.erase_user(uuid) is
'Erase a user and all that is his (admins; nobody himself): his memories as erase() does, his row '
'with name and e-mail address, tokens, keys, assignments, what was shared with him, his accesses, '
'and what the audit kept about him. What he gave away belongs to others and stays, and so do his '
'id and the texts that he wrote into others'' memories. Returns the receipt, which names what he '
'gave away and the copies that others have of what was ever his. Raises MD002, MD204 '
'(his memories, or what he gave away, under a legal hold), MD413 (isolation level), MD414 '
'(himself), MD004.';
