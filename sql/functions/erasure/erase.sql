create or replace function memoriesdb.erase(memory_id uuid)
returns jsonb
language plpgsql
volatile
parallel unsafe
security definer -- looks among all owners for an admin
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- The receipt tells the hashes of texts, from which short ones are guessed: who may not read is
  -- not told.
  v_user_id uuid := case
    when memoriesdb._user_with_scope('read') is not null then memoriesdb._user_with_scope('write')
  end;
  v_is_admin boolean := pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
    or memoriesdb._user_with_scope('admin') is not null;
  v_owner_id uuid;
  v_facts jsonb;
begin
  perform memoriesdb._require_read_committed();
  if v_user_id is not null then
    v_owner_id := memoriesdb._lock_memory(erase.memory_id, v_user_id);
  end if;
  if v_owner_id is null and v_is_admin then
    v_owner_id := memoriesdb._lock_memory(erase.memory_id);
  elsif v_owner_id is null then
    perform memoriesdb._require_scope('write');
    perform memoriesdb._require_scope('read');
  end if;
  if v_owner_id is not null then
    v_facts := memoriesdb._erase_memories(v_owner_id, array[erase.memory_id]);
  end if;
  if v_facts is null or v_facts ->> 'audit_ids' = '{}' then
    -- Never there, not one's own, or erased already.
    if not v_is_admin then
      perform memoriesdb._raise_not_found(erase.memory_id);
    end if;
    raise exception 'memory not found' using
      errcode = 'MD201',
      detail = format('There is no memory %s, or it was erased already.',
        coalesce(erase.memory_id::text, 'null')),
      hint = 'Erasures are entries of memoriesdb.audit_log with the operation ERASE, row_id is the '
        'memory: an auditor reads them.';
  end if;
  -- Last, after the versions, which a hold locks: what was placed meanwhile is seen.
  perform memoriesdb._raise_if_held(v_owner_id, array[erase.memory_id]);
  return memoriesdb._write_receipt('memory', v_owner_id, array[erase.memory_id], v_facts);
end;
$function$;

alter function memoriesdb.erase(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.erase(uuid) from public;
grant execute on function memoriesdb.erase(uuid)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.erase(uuid) is
'Erase one of one''s own memories, deleted ones too, or as an admin anybody''s: contents, former '
'states, vectors, edges, grants, jobs, cached queries, and what the audit kept of it in the logs '
'of all who have had it. Copies that others acquired are theirs and stay; the receipt names them. '
'Returns the receipt: keep it, erasure_check() asks for it. Raises MD201, MD204 (under a legal '
'hold), MD413 (isolation level), MD001, MD004 (without the scopes write and read).';
