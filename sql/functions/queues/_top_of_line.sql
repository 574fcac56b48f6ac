create or replace function memoriesdb._top_of_line(model_id uuid, priority smallint)
returns bigint
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_top bigint;
begin
  -- The newest batch has it, or one that was claimed at the same time.
  select case when _top_of_line.priority < 100 then b.top else b.backfill_top end into v_top
  from memoriesdb.embedding_batches as b
  where b.model_id = _top_of_line.model_id
  order by b.lease_token desc
  limit 1;
  -- Backfills have a line of their own, from 2^62 on.
  return coalesce(v_top, case when priority < 100 then 0 else 4611686018427387904 end);
end;
$function$;

alter function memoriesdb._top_of_line(uuid, smallint) owner to memoriesdb_definer;
revoke all on function memoriesdb._top_of_line(uuid, smallint) from public;
comment on function memoriesdb._top_of_line(uuid, smallint) is
'The turn that the line of a model has come to, for a priority.';
