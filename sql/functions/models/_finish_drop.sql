create or replace function memoriesdb._finish_drop(model_id uuid, progress jsonb)
returns jsonb
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  -- A writer who saw the model enabled may be queueing for it still: he is waited for, so that no
  -- write fails because its model has gone.
  perform from memoriesdb.embedding_models as m
  where m.id = _finish_drop.model_id
    and age(m.xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid)
  for update skip locked;
  if not found then
    return progress || jsonb_build_object('state', 'waiting');
  end if;
  delete from memoriesdb.memory_vector_indexes as v where v.model_id = _finish_drop.model_id;
  delete from memoriesdb.embedding_models as m where m.id = _finish_drop.model_id;
  return progress || jsonb_build_object('state', 'dropped');
exception
  when foreign_key_violation then
    -- Something was written behind the pages that were gone through, or held by somebody else.
    return progress
      || jsonb_build_object('state', 'removing', 'table', 'embedding_schedule', 'page', 0);
end;
$function$;

alter function memoriesdb._finish_drop(uuid, jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._finish_drop(uuid, jsonb) from public;
comment on function memoriesdb._finish_drop(uuid, jsonb) is
'Delete a model whose rows are removed, once no transaction is open that began before that; else '
'say what is still to do.';
