create or replace function memoriesdb.normalise_text(body text)
returns text
language plpython3u
immutable
parallel safe
security definer -- loads modules that the definer alone may read
set search_path = pg_catalog, pg_temp
as $python$
plpy.execute("select memoriesdb_system.load_python()")
from memoriesdb_pl import chunking

return None if body is None else chunking.normalise(body)
$python$;

alter function memoriesdb.normalise_text(text) owner to memoriesdb_definer;
revoke all on function memoriesdb.normalise_text(text) from public;
grant execute on function memoriesdb.normalise_text(text)
to memoriesdb_app, memoriesdb_client, memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.normalise_text(text) is
'A text in Unicode NFC with control characters and runs of blanks folded to one blank.';
