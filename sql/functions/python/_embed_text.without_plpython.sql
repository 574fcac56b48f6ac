create or replace function memoriesdb._embed_text(
  provider text,
  endpoint text,
  model text,
  input text,
  dimensions integer,
  max_tokens integer,
  timeout_seconds double precision
)
returns double precision[]
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  raise exception 'PL/Python is not installed in this database' using
    errcode = 'MD501',
    hint = 'Give recall() a query_embedding, or install plpython3u and run `memoriesdb upgrade`.';
end;
$function$;

alter function memoriesdb._embed_text(text, text, text, text, integer, integer, double precision)
owner to memoriesdb_definer;
revoke all on function memoriesdb._embed_text(
  text, text, text, text, integer, integer, double precision
) from public;
grant execute on function memoriesdb._embed_text(
  text, text, text, text, integer, integer, double precision
)
to memoriesdb_definer;
comment on function memoriesdb._embed_text(
  text, text, text, text, integer, integer, double precision
) is
'Raises MD501: this database was installed without PL/Python.';
