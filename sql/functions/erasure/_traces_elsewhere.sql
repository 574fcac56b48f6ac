-- By the logs and by the rows: a copy is found by its entry although its owner has deleted it
-- since (his history has the text), and by its origin although the entry's payload went when
-- another owner erased the memory.
create or replace function memoriesdb._traces_elsewhere(user_id uuid, memory_ids uuid[])
returns jsonb
language sql
stable
parallel restricted
security definer -- reads the origins of everybody's memories
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
  with recursive gift as materialized (
    select
      a.row_id as id,
      ((array_agg(p.after ->> 'to' order by a.audit_id desc)
        filter (where p.after is not null))[1])::uuid as given_to
    from memoriesdb.audit_log as a
    left join memoriesdb.audit_payloads as p
      on p.audit_id = a.audit_id and p.after ->> 'from' = _traces_elsewhere.user_id::text
    where a.owner_id = _traces_elsewhere.user_id and a.table_name = 'memories'
      and a.operation = 'TRANSFER' and a.row_id <> all (memory_ids)
    group by a.row_id
  ),

  once as materialized (
    select g.id from gift as g
    union
    select unnest(memory_ids)
  ),

  derived as materialized (
    select m.owner_id, m.id, m.origin_id, m.origin_owner_id, m.acquired_at
    from memoriesdb.memories as m
    where m.origin_id is not null
  ),

  copy as (
    select d.*
    from derived as d
    where d.origin_owner_id = _traces_elsewhere.user_id
      or d.origin_id in (select o.id from once as o)
    union
    -- Copies of copies have the text, too.
    select d.*
    from copy as c
    join derived as d on d.origin_id = c.id
  ),

  named as (
    select
      c.id as copy_id, c.owner_id, c.origin_id as memory_id, to_jsonb(c.acquired_at) as acquired_at
    from copy as c
    union all
    select
      (p.after ->> 'copy_id')::uuid, (p.after ->> 'by')::uuid, p.row_id, p.after -> 'at'
    from memoriesdb.audit_payloads as p
    where p.after ? 'copy_id' and p.audit_id = any (
      memoriesdb._audit_ids_about(_traces_elsewhere.user_id, array(select o.id from once as o))
    )
  )

  select jsonb_build_object(
    'given_away', (
      select coalesce(jsonb_agg(
        jsonb_build_object('memory_id', g.id, 'owner_id', coalesce(m.owner_id, g.given_to))
        order by g.id
      ), '[]')
      from gift as g
      left join memoriesdb.memories as m on m.id = g.id
      where coalesce(m.owner_id, g.given_to) is not null
    ),
    'copies', (
      select coalesce(jsonb_agg(to_jsonb(n) order by n.acquired_at, n.copy_id), '[]')
      from (
        select distinct on (x.copy_id) x.*
        from named as x
        where x.owner_id <> _traces_elsewhere.user_id
        order by x.copy_id
      ) as n
    )
  );
$function$;

alter function memoriesdb._traces_elsewhere(uuid, uuid[]) owner to memoriesdb_eraser;
revoke all on function memoriesdb._traces_elsewhere(uuid, uuid[]) from public;
grant execute on function memoriesdb._traces_elsewhere(uuid, uuid[]) to memoriesdb_definer;
comment on function memoriesdb._traces_elsewhere(uuid, uuid[]) is
'Where others have what a user has, or once had: the memories that he gave away, with their '
'present owners, and the copies that were acquired of those and of his own, and copies of copies.';
