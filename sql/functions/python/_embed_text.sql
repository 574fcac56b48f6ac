-- A shim: the code is memoriesdb_pl.query_embedding. Where it calls is decided by its arguments,
-- which embed_query() alone gives.
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
language plpython3u
volatile
parallel unsafe
security definer -- loads modules that the definer alone may read
set search_path = pg_catalog, pg_temp
as $python$
plpy.execute("select memoriesdb_system.load_python()")
from memoriesdb_pl import query_embedding

return query_embedding.embed_text(
    provider,
    endpoint,
    model,
    input,
    dimensions=dimensions,
    max_tokens=max_tokens,
    timeout_seconds=timeout_seconds,
)
$python$;

alter function memoriesdb._embed_text(
  text, text, text, text, integer, integer, double precision
) owner to memoriesdb_definer;
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
'Embed one text over HTTP, in pieces where it exceeds the model''s window. Raises 38000 with a '
'reason that holds no text.';
