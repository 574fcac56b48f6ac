create or replace function memoriesdb.chunk_text(
  body text, max_tokens integer default 256, overlap integer default 0
)
returns text[]
language plpython3u
immutable
parallel safe
security definer -- loads modules that the definer alone may read
set search_path = pg_catalog, pg_temp
as $python$
plpy.execute("select memoriesdb_system.load_python()")
from memoriesdb_pl import chunking

return None if body is None else chunking.chunk(body, max_tokens, overlap)
$python$;

alter function memoriesdb.chunk_text(text, integer, integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.chunk_text(text, integer, integer) from public;
grant execute on function memoriesdb.chunk_text(text, integer, integer)
to memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.chunk_text(text, integer, integer) is
'Cut a text into pieces of at most max_tokens tokens by a careful estimate, at paragraphs, '
'sentences and words, after normalising it (NFC, blanks folded). overlap: tokens that '
'neighbouring pieces share.';
