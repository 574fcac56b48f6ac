create or replace function memoriesdb._present_of(owner_id uuid)
returns timestamptz
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_occurred_at timestamptz;
  v_created_at timestamptz;
begin
  -- What others gave says nothing of one's own present. They may have given much: no more is read
  -- for it than this.
  select d.occurred_at, m.created_at into v_occurred_at, v_created_at
  from (
    select x.doc, x.memory_id, x.occurred_at
    from memoriesdb.memory_documents as x
    where x.owner_id = _present_of.owner_id
    order by x.doc desc
    limit 100
  ) as d
  cross join lateral (
    select y.created_at
    from memoriesdb.memories as y
    where y.owner_id = _present_of.owner_id and y.id = d.memory_id and y.origin_id is null
    offset 0
  ) as m
  where not exists (
    select from memoriesdb.memory_versions as v
    where v.owner_id = _present_of.owner_id and v.memory_id = d.memory_id
      and v.operation = 'TRANSFER'
  )
  order by d.doc desc
  limit 1;
  -- Of a conversation that was brought in afterwards, "last week" is not this one's.
  if v_occurred_at < v_created_at - interval '1 day' then
    return v_occurred_at;
  end if;
  return statement_timestamp();
end;
$function$;

alter function memoriesdb._present_of(uuid) owner to memoriesdb_definer;
revoke all on function memoriesdb._present_of(uuid) from public;
comment on function memoriesdb._present_of(uuid) is
'What "last week" is counted from in a query: now; or, where the owner''s memory that came last '
'was written more than a day after it occurred, when it occurred. Copies and memories that others '
'gave do not count; if the last 100 are all of these, it is now.';
