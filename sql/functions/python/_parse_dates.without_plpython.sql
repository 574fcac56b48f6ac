create or replace function memoriesdb._parse_dates(query text, today text, english boolean)
returns table (since date, until date)
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select null::date, null::date where false;
$function$;

alter function memoriesdb._parse_dates(text, text, boolean) owner to memoriesdb_definer;
revoke all on function memoriesdb._parse_dates(text, text, boolean) from public;
grant execute on function memoriesdb._parse_dates(text, text, boolean) to memoriesdb_definer;
comment on function memoriesdb._parse_dates(text, text, boolean) is
'No rows: this database was installed without PL/Python, so dates in questions are not read.';
