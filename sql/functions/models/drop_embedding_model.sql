-- One bounded transaction a call, which gives what the next one is to be given: nobody waits for
-- it, and it may be broken off and begun again at any time.
create or replace function memoriesdb.drop_embedding_model(
  name text, progress jsonb default null, pages integer default 500
)
returns jsonb
language plpgsql
volatile
parallel unsafe
security definer -- removes from tables that admins have no rights on
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- Jobs first: a worker that holds one is refused, and writes no vector behind this.
  v_tables text[] := array['embedding_schedule', 'memory_embeddings', 'query_embeddings'];
  v_model memoriesdb.embedding_models;
  v_table text := progress ->> 'table';
  v_page bigint := (progress ->> 'page')::bigint;
  v_end bigint;
begin
  if pages is null or pages not between 1 and 100000 then
    raise exception 'pages is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 100000.';
  end if;
  select m.* into v_model
  from memoriesdb.embedding_models as m
  where m.name = drop_embedding_model.name
  for no key update;
  if not found then
    v_model := memoriesdb._enabled_model(name);
  end if;
  if v_model.is_active or (v_model.is_enabled and progress is not null) then
    raise exception 'the model is in use' using
      errcode = 'MD512',
      detail = case when v_model.is_active then format('Recall uses %s.', quote_literal(name))
        else format('Somebody has registered %s again.', quote_literal(name)) end,
      hint = 'Let recall use another one first: `memoriesdb model switch`.';
  end if;

  if progress is null then
    update memoriesdb.embedding_models as m set is_enabled = false
    where m.id = v_model.id and m.is_enabled;
    -- The indexes are nobody's then, and the vindexing worker drops them.
    delete from memoriesdb.memory_vector_indexes as v where v.model_id = v_model.id;
    return jsonb_build_object(
      'state', 'removing', 'table', v_tables[1], 'page', 0, 'removed', '{}'::jsonb
    );
  end if;
  if v_table is null then
    return memoriesdb._finish_drop(v_model.id, progress);
  end if;
  if v_table <> all (v_tables) or (v_page between 0 and 4294967295) is not true then
    raise exception 'progress is not what a former call has returned' using
      errcode = 'MD110', hint = 'Give what the last call returned, or null to begin anew.';
  end if;

  if (v_table, v_page) = (v_tables[1], 0) then
    -- Written once more: whoever began before this may have seen it enabled; see _finish_drop().
    update memoriesdb.embedding_models as m set is_enabled = false where m.id = v_model.id;
  end if;
  v_end := pg_relation_size(format('memoriesdb.%I', v_table)::regclass)
    / current_setting('block_size')::bigint;
  progress := jsonb_set(progress, array['removed', v_table], to_jsonb(
    coalesce((progress #>> array['removed', v_table])::bigint, 0)
    + memoriesdb._remove_of_model(v_model.id, v_table, v_page, pages)
  ));
  if v_page + pages < v_end then
    return progress || jsonb_build_object('page', v_page + pages, 'pages', v_end);
  end if;
  return progress || jsonb_build_object(
    'table', v_tables[array_position(v_tables, v_table) + 1], 'page', 0, 'pages', null
  );
end;
$function$;

alter function memoriesdb.drop_embedding_model(text, jsonb, integer)
owner to memoriesdb_definer;
revoke all on function memoriesdb.drop_embedding_model(text, jsonb, integer) from public;
grant execute on function memoriesdb.drop_embedding_model(text, jsonb, integer)
to memoriesdb_admin;
comment on function memoriesdb.drop_embedding_model(text, jsonb, integer) is
'Drop a model that recall does not use, step by step (memoriesdb_admin): disable it, then remove '
'its jobs, vectors and cached queries, the rows in so many pages of a table (1 to 100000) a call, '
'and at last itself. Call it with null, each call in a transaction of its own, and then with what '
'the last one returned, until its state is dropped; waiting: a transaction that began before is '
'still open. The vindexing worker drops its indexes. Raises MD108, MD110, MD510, and MD512 for the '
'active model.';
