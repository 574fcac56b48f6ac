create or replace function memoriesdb._vector_index_files()
returns table (index_name name, is_valid boolean, predicate text, row_count real, size_bytes bigint)
language sql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
  select
    c.relname, i.indisvalid, pg_catalog.pg_get_expr(i.indpred, i.indrelid), c.reltuples,
    pg_catalog.pg_relation_size(c.oid)
  from pg_catalog.pg_index as i
  join pg_catalog.pg_class as c on c.oid = i.indexrelid
  join pg_catalog.pg_am as a on a.oid = c.relam and a.amname = 'hnsw'
  where i.indrelid = 'memoriesdb.memory_embeddings'::regclass
    and c.relname ~ '^memory_embeddings_nearest_[0-9]+_idx$';
$function$;

alter function memoriesdb._vector_index_files() owner to memoriesdb_definer;
revoke all on function memoriesdb._vector_index_files() from public;
comment on function memoriesdb._vector_index_files() is
'The vector indexes that the catalogue knows, whatever memory_vector_indexes says.';
