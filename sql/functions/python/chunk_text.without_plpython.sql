create or replace function memoriesdb.chunk_text(
  body text, max_tokens integer default 256, overlap integer default 0
)
returns text[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  raise exception 'PL/Python is not installed in this database' using
    errcode = 'MD501',
    hint = 'Cut the text in the application, or install plpython3u and run `memoriesdb upgrade`.';
end;
$function$;

alter function memoriesdb.chunk_text(text, integer, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.chunk_text(text, integer, integer) from public;
grant execute on function memoriesdb.chunk_text(text, integer, integer)
to memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.chunk_text(text, integer, integer) is
'Raises MD501: this database was installed without PL/Python.';
