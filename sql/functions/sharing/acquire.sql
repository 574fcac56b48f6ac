-- No lock is taken on the origin: a grantee could keep its owner waiting by it. The copy is of the
-- memory as this statement sees it.
create or replace function memoriesdb.acquire(memory_id uuid)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- writes a row with its origin, and an entry for another owner
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_origin memoriesdb.memories;
  v_id uuid := memoriesdb._new_id();
  v_at timestamptz := clock_timestamp();
begin
  perform memoriesdb._require_scope('read');
  if exists (
    select from memoriesdb.memories as m where m.owner_id = v_user_id and m.id = acquire.memory_id
  ) then
    raise exception 'the memory is yours already' using
      errcode = 'MD305',
      detail = format('Memory %s.', acquire.memory_id),
      hint = 'Read it; write a new one with memoriesdb.remember(…) and link them.';
  end if;
  select m.* into v_origin
  from memoriesdb.memory_grants as g
  join memoriesdb.memories as m on m.owner_id = g.owner_id and m.id = g.memory_id
  where g.grantee_id = v_user_id and g.memory_id = acquire.memory_id
    and (g.expires_at is null or g.expires_at > clock_timestamp())
    and m.forgotten_at is null
    and (m.expires_at is null or m.expires_at > clock_timestamp());
  if not found then
    perform memoriesdb._raise_not_found(acquire.memory_id);
  end if;
  if v_origin.is_encrypted then
    raise exception 'an encrypted memory cannot be acquired' using
      errcode = 'MD306',
      detail = format('Memory %s is encrypted with its owner''s key.', acquire.memory_id),
      hint = 'Ask its owner to share the text in a memory that is not encrypted.';
  end if;

  -- Not the stream, whose names are each owner's own. The trigger `stamp` makes hash and search
  -- columns, and lets memoriesdb_definer alone write an origin.
  insert into memoriesdb.memories (
    owner_id, id, kind, content, metadata, importance, trust, trust_limit, occurred_at, expires_at,
    version, created_by, created_at, updated_by, updated_at,
    origin_id, origin_owner_id, origin_hash, acquired_at
  )
  values (
    v_user_id, v_id, v_origin.kind, v_origin.content, v_origin.metadata, v_origin.importance,
    v_origin.trust, v_origin.trust, v_origin.occurred_at, v_origin.expires_at,
    1, v_user_id, v_at, v_user_id, v_at,
    v_origin.id, v_origin.owner_id, v_origin.content_hash, v_at
  );
  perform memoriesdb._copy_embeddings(v_origin.owner_id, v_origin.id, v_user_id, v_id);

  -- For the origin's owner: who took a copy, of which text.
  perform memoriesdb._write_audit('memories', 'ACQUIRE', array[(
    v_origin.owner_id, v_origin.id,
    jsonb_build_object('owner_id', v_origin.owner_id, 'id', v_origin.id), null,
    jsonb_build_object(
      'by', v_user_id, 'copy_id', v_id, 'at', v_at,
      'content_hash', encode(v_origin.content_hash, 'hex')
    )
  )::memoriesdb._audit_entry]);
  perform memoriesdb._log_access('acquire', 'answered', array[v_origin.id], 1);
  return v_id;
end;
$function$;

alter function memoriesdb.acquire(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.acquire(uuid) from public;
grant execute on function memoriesdb.acquire(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.acquire(uuid) is
'Copy a memory that is shared with one into one''s own, as it is now; returns the copy''s id. The '
'copy has owner and maker of its own, names its origin (id, owner, content hash, time), and its '
'trust is the origin''s and never grows beyond it. Stream, links and history are not copied. The '
'origin''s owner sees in the audit who took a copy. Each call makes another copy. Raises MD201 '
'(not shared, forgotten or expired, or no such memory), MD305 (one''s own), MD306 (encrypted).';
