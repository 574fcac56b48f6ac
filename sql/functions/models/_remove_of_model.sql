-- A table's pages one after the other, each read once: no index leads to the rows of a model, and
-- to look for the next thousand from the start each time would read everything over and over. What
-- others hold is left for later.
create or replace function memoriesdb._remove_of_model(
  model_id uuid, table_name text, first_page bigint, pages integer
)
returns bigint
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $function$
#variable_conflict use_column
declare
  v_from tid := format('(%s,0)', first_page)::tid;
  v_to tid := format('(%s,0)', least(first_page + pages, 4294967295))::tid;
  v_removed bigint;
begin
  case table_name
    when 'embedding_schedule' then
      delete from memoriesdb.embedding_schedule as t
      where t.ctid = any (array(
        select s.ctid from memoriesdb.embedding_schedule as s
        where s.ctid >= v_from and s.ctid < v_to and s.model_id = _remove_of_model.model_id
        for update skip locked
      ));
    when 'memory_embeddings' then
      delete from memoriesdb.memory_embeddings as t
      where t.ctid = any (array(
        select s.ctid from memoriesdb.memory_embeddings as s
        where s.ctid >= v_from and s.ctid < v_to and s.model_id = _remove_of_model.model_id
        for update skip locked
      ));
    when 'query_embeddings' then
      delete from memoriesdb.query_embeddings as t
      where t.ctid = any (array(
        select s.ctid from memoriesdb.query_embeddings as s
        where s.ctid >= v_from and s.ctid < v_to and s.model_id = _remove_of_model.model_id
        for update skip locked
      ));
  end case;
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$function$;

alter function memoriesdb._remove_of_model(uuid, text, bigint, integer)
owner to memoriesdb_definer;
revoke all on function memoriesdb._remove_of_model(uuid, text, bigint, integer) from public;
comment on function memoriesdb._remove_of_model(uuid, text, bigint, integer) is
'Delete the rows of a model from some pages of embedding_schedule, memory_embeddings or '
'query_embeddings. Returns how many.';
