create or replace function memoriesdb._audit_ids_about(owner_id uuid, memory_ids uuid[])
returns bigint[]
language sql
stable
parallel restricted
security invoker -- only the eraser's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  with place as (
    -- In the log of everybody whose it has been.
    select i as row_id, _audit_ids_about.owner_id as owner_id
    from unnest(memory_ids) as i
    union
    select a.row_id, a.owner_id
    from memoriesdb.audit_log as a
    where uuid_send(a.row_id) = any (array(select uuid_send(i) from unnest(memory_ids) as i))
      and a.table_name = 'memories' and a.operation in ('DELETE', 'TRANSFER')
  ),

  own as (
    select a.audit_id, a.owner_id, a.table_name, a.row_key
    from place as p
    join memoriesdb.audit_log as a on a.owner_id = p.owner_id and a.row_id = p.row_id
    where a.operation <> 'ERASE'
  ),

  edge as (
    select a.audit_id, a.owner_id, (a.row_key ->> 'source_id')::uuid as neighbour_id
    from memoriesdb.audit_log as a
    where a.table_name = 'memory_edges' and a.row_key ->> 'target_id' = any (memory_ids::text[])
    union
    select o.audit_id, o.owner_id, (o.row_key ->> 'target_id')::uuid
    from own as o
    where o.table_name = 'memory_edges'
  )

  select coalesce(array_agg(x.audit_id), '{}')
  from (
    select o.audit_id from own as o
    union
    select e.audit_id from edge as e
    union
    -- Neighbours that were given away: the entry records the edges that were removed by it.
    select a.audit_id
    from (select distinct e.owner_id, e.neighbour_id from edge as e) as n
    join memoriesdb.audit_log as a
      on a.owner_id = n.owner_id and a.row_id = n.neighbour_id and a.table_name = 'memories'
      and a.operation = 'TRANSFER'
    join memoriesdb.audit_payloads as p on p.audit_id = a.audit_id
    where exists (
      select from unnest(memory_ids) as i
      where strpos((p.after -> 'edges')::text, i::text) > 0
    )
    union
    -- The entries of these are in archives, the payloads here: read as a whole.
    select p.audit_id
    from memoriesdb.ledger_archives as r
    join memoriesdb.audit_payloads as p
      on p.audit_id between r.first_audit_id and r.last_audit_id
    where not coalesce(p.after ? 'content_commitments', false) and (
      p.row_id = any (memory_ids) or p.target_id = any (memory_ids)
      or exists (
        select from unnest(memory_ids) as i
        where strpos((p.after -> 'edges')::text, i::text) > 0
      )
    )
  ) as x;
$function$;

alter function memoriesdb._audit_ids_about(uuid, uuid[]) owner to memoriesdb_eraser;
revoke all on function memoriesdb._audit_ids_about(uuid, uuid[]) from public;
comment on function memoriesdb._audit_ids_about(uuid, uuid[]) is
'Numbers of the audit entries whose payloads tell of these memories, in the logs of all who have '
'had them: of the memories, their embeddings, edges and grants. Receipts of erasures stay.';
