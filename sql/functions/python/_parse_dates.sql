-- A shim: the code is memoriesdb_pl.dates.
create or replace function memoriesdb._parse_dates(query text, today text, english boolean)
returns table (since date, until date)
language plpython3u
stable
parallel restricted
security definer -- loads modules that the definer alone may read
set search_path = pg_catalog, pg_temp
as $python$
plpy.execute("select memoriesdb_system.load_python()")
from memoriesdb_pl import dates

return dates.rows(query, today, english)
$python$;

alter function memoriesdb._parse_dates(text, text, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._parse_dates(text, text, boolean) from public;
grant execute on function memoriesdb._parse_dates(text, text, boolean) to memoriesdb_definer;
comment on function memoriesdb._parse_dates(text, text, boolean) is
'The windows that _dates_in gives, as days. today: as 2023-05-07, or null. No rows where '
'python3-dateutil is not installed for the server''s Python.';
