-- Walks back from the user's own entries: each TRANSFER names who had the memory before, so no
-- entry of a stranger is read.
create or replace function memoriesdb.custody(memory_id uuid)
returns table (
  place integer,
  owner_id uuid,
  held_from timestamptz,
  held_until timestamptz,
  ended_by uuid,
  ended_by_login name,
  reason text,
  edges jsonb,
  origin_id uuid,
  origin_owner_id uuid,
  origin_hash bytea,
  acquired_at timestamptz
)
language plpgsql
volatile
parallel unsafe
security definer -- reads the audit entries of former owners along the chain
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('read');
  v_count integer;
begin
  return query
  with recursive entry as (
    -- What the user had a hand in: got it, gave it, made it, or deleted it.
    select a.audit_id, a.operation, a.owner_id, a.user_id, a.login, a.at, p.after, p.reason
    from memoriesdb.audit_log as a
    join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
    where a.owner_id = v_user_id and a.row_id = custody.memory_id and a.table_name = 'memories'
      and a.operation <> 'UPDATE'
    union
    select a.audit_id, a.operation, a.owner_id, a.user_id, a.login, a.at, p.after, p.reason
    from entry as x
    join memoriesdb.audit_log as a
      on a.owner_id = (x.after ->> 'from')::uuid and a.row_id = custody.memory_id
      and a.table_name = 'memories'
      and a.operation <> 'UPDATE' and a.audit_id < x.audit_id
    join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
    where x.operation = 'TRANSFER' and (x.after ->> 'to')::uuid = x.owner_id
  ),

  hand_over as (
    -- One of the two entries of each transfer: the former owner's.
    select x.* from entry as x
    where x.operation = 'TRANSFER' and (x.after ->> 'from')::uuid = x.owner_id
  ),

  stay as (
    -- Made by INSERT that was no part of a transfer, or received by transfer.
    select x.owner_id, x.audit_id, x.at, case when x.after ? 'origin_id' then x.after end as copy
    from entry as x
    where x.operation = 'INSERT' and not exists (
      select from entry as t
      where t.operation = 'TRANSFER' and (t.after ->> 'to')::uuid = x.owner_id
        and t.owner_id = x.owner_id
        and t.audit_id > x.audit_id
        and (t.after ->> 'at')::timestamptz = (x.after ->> 'updated_at')::timestamptz
    )
    union all
    select x.owner_id, x.audit_id, (x.after ->> 'at')::timestamptz, null
    from entry as x
    where x.operation = 'TRANSFER' and (x.after ->> 'to')::uuid = x.owner_id
  )

  select
    (row_number() over (order by s.audit_id))::integer, s.owner_id, s.at,
    coalesce((e.after ->> 'at')::timestamptz, d.at),
    coalesce(e.user_id, d.user_id), coalesce(e.login, d.login), coalesce(e.reason, d.reason),
    -- The edges that went with a transfer are shown to whose graph they were in.
    case when s.owner_id = v_user_id then e.after -> 'edges' end,
    -- What came before a copy is told by the custody of its origin, to whom that is to be told.
    (s.copy ->> 'origin_id')::uuid, (s.copy ->> 'origin_owner_id')::uuid,
    decode(s.copy ->> 'origin_hash', 'hex'), (s.copy ->> 'acquired_at')::timestamptz
  from stay as s
  left join lateral (
    select h.* from hand_over as h
    where h.owner_id = s.owner_id and h.audit_id > s.audit_id
    order by h.audit_id limit 1
  ) as e on true
  left join lateral (
    select x.* from entry as x
    where x.operation = 'DELETE' and x.owner_id = s.owner_id and x.audit_id > s.audit_id
      and e.audit_id is null
    order by x.audit_id limit 1
  ) as d on true
  order by s.audit_id;
  get diagnostics v_count = row_count;
  perform memoriesdb._log_access(
    'custody', case when v_count > 0 then 'answered' else 'refused' end, array[custody.memory_id],
    sign(v_count)::integer
  );
end;
$function$;

alter function memoriesdb.custody(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb.custody(uuid) from public;
grant execute on function memoriesdb.custody(uuid) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.custody(uuid) is
'The chain of custody of a memory that one owns or has owned, oldest first: who had it, from '
'when to when, by whose act it went. A former owner sees the chain up to his own hand-over, '
'with the edges that were removed by it. Of a copy, the first place says of which memory, whose, '
'with which content hash and when it was acquired: custody(origin_id) tells what one may know of '
'that. No rows for others.';
