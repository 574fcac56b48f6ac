create or replace function memoriesdb._rerank_texts(
  protocol text,
  endpoint text,
  model text,
  query text,
  documents text[],
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
    hint = 'Rerank in the application, or install plpython3u and run `memoriesdb upgrade`.';
end;
$function$;

alter function memoriesdb._rerank_texts(text, text, text, text, text[], double precision)
owner to memoriesdb_definer;
revoke all on function memoriesdb._rerank_texts(text, text, text, text, text[], double precision)
from public;
grant execute on function memoriesdb._rerank_texts(
  text, text, text, text, text[], double precision
)
to memoriesdb_definer;
comment on function memoriesdb._rerank_texts(text, text, text, text, text[], double precision) is
'Raises MD501: this database was installed without PL/Python.';
