-- The new owner is not asked, so trust comes down: else anybody could put into anybody's memories
-- what appears there as trusted as he likes.
-- A new row under the new owner and the end of the old one, since every key leads with owner_id.
-- The copy keeps id, maker and time of making, which the trigger `stamp` allows to
-- memoriesdb_definer alone.
create or replace function memoriesdb.transfer(
  memory_id uuid, new_owner_id uuid, reason text default null
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- writes rows of two owners; the former owner is checked in the first statement
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('share');
  v_at timestamptz;
  v_memory memoriesdb.memories;
  v_edges jsonb;
  v_entry jsonb;
begin
  select m.* into v_memory
  from memoriesdb.memories as m
  where m.owner_id = v_user_id and m.id = transfer.memory_id
  for update;
  if not found then
    perform memoriesdb._raise_not_found(transfer.memory_id);
  end if;
  -- After the row is locked: who places a hold waits for it too.
  perform memoriesdb._raise_if_held(v_user_id, array[transfer.memory_id]);
  if v_memory.is_encrypted then
    raise exception 'an encrypted memory cannot be given away' using
      errcode = 'MD306',
      detail = format('Memory %s is encrypted with its owner''s key.', transfer.memory_id),
      hint = 'Decrypt it and write the text into it, or into a new memory, first.';
  end if;
  if transfer.new_owner_id = v_user_id then
    raise exception 'the memory is yours already' using
      errcode = 'MD304', hint = 'Name another user.';
  end if;
  if not exists (
    select from memoriesdb.users as u where u.id = transfer.new_owner_id and u.is_active
  ) then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format(
        'No active user has the id %s.', coalesce(transfer.new_owner_id::text, 'null')
      ),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
  perform memoriesdb._require_role_for(transfer.new_owner_id, 'write');
  v_edges := (
    select coalesce(
      jsonb_agg(to_jsonb(e) - 'owner_id' order by e.source_id, e.target_id, e.relation), '[]'
    )
    from memoriesdb.memory_edges as e
    where e.owner_id = v_user_id and transfer.memory_id in (e.source_id, e.target_id)
  );
  v_at := greatest(clock_timestamp(), v_memory.updated_at + interval '1 microsecond');

  insert into memoriesdb.memories (
    owner_id, id, seq, kind, content, content_hash, metadata, stream, importance, trust,
    trust_limit, occurred_at, expires_at, forgotten_at, version, created_by, created_at, updated_by,
    updated_at, origin_id, origin_owner_id, origin_hash, acquired_at, search, embedding_text_hash
  )
  overriding system value
  values (
    transfer.new_owner_id, v_memory.id, v_memory.seq, v_memory.kind, v_memory.content,
    v_memory.content_hash, v_memory.metadata, v_memory.stream, v_memory.importance,
    least(v_memory.trust, memoriesdb._setting('transfer_max_trust')::real),
    v_memory.trust_limit, v_memory.occurred_at, v_memory.expires_at, v_memory.forgotten_at,
    v_memory.version + 1, v_memory.created_by, v_memory.created_at, v_user_id, v_at,
    v_memory.origin_id, v_memory.origin_owner_id, v_memory.origin_hash, v_memory.acquired_at,
    v_memory.search, v_memory.embedding_text_hash
  );
  perform memoriesdb._copy_embeddings(
    v_user_id, transfer.memory_id, transfer.new_owner_id, transfer.memory_id
  );

  -- Edges, grants, embeddings and jobs of the old row go with it.
  delete from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = transfer.memory_id;
  update memoriesdb.memory_versions as v
  set owner_id = transfer.new_owner_id,
    valid_until = case when v.version = v_memory.version then v_at else v.valid_until end,
    operation = case when v.version = v_memory.version then 'TRANSFER' else v.operation end
  where v.owner_id = v_user_id and v.memory_id = transfer.memory_id;

  -- An entry for each: the edges belong to the former owner's graph and are nobody else's business.
  v_entry := jsonb_build_object(
    'from', v_user_id, 'to', transfer.new_owner_id, 'at', v_at,
    'content_hash', encode(v_memory.content_hash, 'hex')
  );
  perform memoriesdb._write_audit('memories', 'TRANSFER', array[
    (v_user_id, v_memory.id, jsonb_build_object('owner_id', v_user_id, 'id', v_memory.id), null,
      v_entry || jsonb_build_object('edges', v_edges))::memoriesdb._audit_entry,
    (transfer.new_owner_id, v_memory.id,
      jsonb_build_object('owner_id', transfer.new_owner_id, 'id', v_memory.id), null,
      v_entry)::memoriesdb._audit_entry
  ], transfer.reason);
end;
$function$;

alter function memoriesdb.transfer(uuid, uuid, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.transfer(uuid, uuid, text) from public;
grant execute on function memoriesdb.transfer(uuid, uuid, text)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.transfer(uuid, uuid, text) is
'Give one of one''s own memories to another user. Id, maker and history go along (the new owner '
'reads the history from before); edges are recorded in the former owner''s custody entry and '
'removed, grants end, embeddings are kept. The new owner is not asked: trust comes down to '
'settings.transfer_max_trust, and trust_limit, up to which he may raise it, goes along. Raises '
'MD201, MD002, MD204 (under a legal hold), MD304, MD306 (encrypted: the key is its owner''s), '
'MD307 (to a viewer or an admin, who could not keep it).';
