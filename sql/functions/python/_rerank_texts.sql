-- A shim: the code is memoriesdb_pl.reranking. Where it calls is decided by its arguments, which
-- _rerank() alone gives.
create or replace function memoriesdb._rerank_texts(
  protocol text,
  endpoint text,
  model text,
  query text,
  documents text[],
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
from memoriesdb_pl import reranking

return reranking.rerank(
    protocol,
    endpoint,
    model,
    query,
    [text or "" for text in documents],
    timeout_seconds=timeout_seconds,
)
$python$;

alter function memoriesdb._rerank_texts(text, text, text, text, text[], double precision)
owner to memoriesdb_definer;
revoke all on function memoriesdb._rerank_texts(text, text, text, text, text[], double precision)
from public;
grant execute on function memoriesdb._rerank_texts(
  text, text, text, text, text[], double precision
)
to memoriesdb_definer;
comment on function memoriesdb._rerank_texts(text, text, text, text, text[], double precision) is
'Ask a cross-encoder over HTTP for a score of each text. Raises 38000 with a reason that holds no '
'text.';
