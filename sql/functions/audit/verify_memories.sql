create or replace function memoriesdb.verify_memories()
returns table (memory_id uuid, owner_id uuid, problem text, detail text)
language plpgsql
stable
parallel restricted
security definer -- compares with audit payloads; an auditor gets ids and hashes, never contents
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_is_auditor boolean := pg_has_role(session_user, 'memoriesdb_auditor', 'MEMBER');
  v_user_id uuid := memoriesdb._user_with_scope('read');
  v_erased int8multirange := memoriesdb._erased_audit_ids();
begin
  if v_user_id is null and not v_is_auditor then
    perform memoriesdb._require_scope('read');
  end if;
  return query
  with present as (
    select m.owner_id, m.id, m.content_hash as kept_hash,
      sha256(convert_to(m.content, 'UTF8')) as content_hash
    from memoriesdb.memories as m
    where case when v_user_id is null then v_is_auditor else m.owner_id = v_user_id end
  ),

  entry as (
    select
      a.owner_id, a.row_id, a.audit_id, a.operation, a.commitment, p.audit_id as payload_id,
      p.salt, p.before, p.after, p.application_name, p.reason
    from memoriesdb.audit_log as a
    left join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
    where a.table_name = 'memories' and a.operation not in ('TRANSFER', 'ACQUIRE', 'ERASE')
    union all
    -- Of an entry that is archived the payload is here: that it is a state of a memory is told by
    -- its keys, what was done by which state there is. Its commitment is in the archive.
    select
      p.owner_id, p.row_id, p.audit_id, case when p.after is null then 'DELETE' else 'UPDATE' end,
      null::bytea, p.audit_id, p.salt, p.before, p.after, p.application_name, p.reason
    from memoriesdb._proven_archives() as r
    join memoriesdb.audit_payloads as p
      on p.audit_id between r.first_audit_id and r.last_audit_id
    where coalesce(p.after, p.before) ?& array['content_hash', 'version']
  ),

  last_entry as (
    select distinct on (e.owner_id, e.row_id)
      e.owner_id, e.row_id, e.audit_id, e.operation, e.commitment,
      e.payload_id is not null as has_payload, e.after ->> 'content_hash' as content_hash,
      memoriesdb._payload_commitment(
        e.salt, e.before, e.after, e.application_name, e.reason
      ) as commitment_now
    from entry as e
    where case when v_user_id is null then v_is_auditor else e.owner_id = v_user_id end
    order by e.owner_id, e.row_id, e.audit_id desc
  )

  select coalesce(m.id, l.row_id), coalesce(m.owner_id, l.owner_id), found.problem, found.detail
  from present as m
  full join last_entry as l on l.owner_id = m.owner_id and l.row_id = m.id
  cross join lateral (
    values
    (m.content_hash <> m.kept_hash, 'content was changed behind the triggers',
      format('SHA-256 of the content is %s, its column says %s.',
        encode(m.content_hash, 'hex'), encode(m.kept_hash, 'hex'))),
    (encode(m.kept_hash, 'hex') is distinct from l.content_hash
      and m.id is not null and l.has_payload and l.operation <> 'DELETE',
      'content differs from the last audit entry',
      format('Entry %s says %s, the memory %s.',
        l.audit_id, l.content_hash, encode(m.kept_hash, 'hex'))),
    (l.audit_id is null, 'memory has no audit entry',
      'It was written with the triggers off, or its entries were removed.'),
    (m.id is not null and l.operation = 'DELETE', 'memory was deleted and is here',
      format('Entry %s says DELETE.', l.audit_id)),
    (m.id is null and l.operation <> 'DELETE', 'memory is missing',
      format('Entry %s says %s, and no later one DELETE.', l.audit_id, l.operation)),
    (not l.has_payload and not l.audit_id <@ v_erased, 'audit payload is missing',
      format('Of entry %s.', l.audit_id)),
    (l.has_payload and l.commitment <> l.commitment_now, 'audit entry was changed',
      format('The payload of entry %s does not match its commitment.', l.audit_id))
  ) as found (is_so, problem, detail)
  where found.is_so;
end;
$function$;

alter function memoriesdb.verify_memories() owner to memoriesdb_definer;
revoke all on function memoriesdb.verify_memories() from public;
grant execute on function memoriesdb.verify_memories()
to memoriesdb_app, memoriesdb_client, memoriesdb_auditor;
comment on function memoriesdb.verify_memories() is
'Compares one''s own memories (an auditor without a user: all) with their hashes and with the '
'last audit entry of each. No rows: nothing was changed behind the triggers. Only problems are '
'returned, with ids and hashes, never contents.';
