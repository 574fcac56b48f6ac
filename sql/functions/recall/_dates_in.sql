-- The gate: most questions name no date, and those cost a regular expression and no Python. What
-- the module behind it takes is less; it is tested that the gate keeps nothing from it.
create or replace function memoriesdb._dates_in(query text, at timestamptz)
returns table (since timestamptz, until timestamptz)
language plpgsql
stable
parallel restricted
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if left(query, 2000) ~* (
    E'(19|20)\\d\\d'
    || E'|\\m(days?|weeks?|weekends?|months?|years?|yesterday|today|tonight|morning)\\M'
    || E'|\\m((mon|tues|wednes|thurs|fri|satur|sun)day|spring|summer|autumn|fall|winter)\\M'
    || E'|\\m(january|february|march|april|may|june)\\M'
    || E'|\\m(july|august|september|october|november|december)\\M'
    || E'|\\m(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\M\\.?\\s+(the\\s+)?\\d'
    || E'|\\d(st|nd|rd|th)?,?\\s+(of\\s+)?(jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\M'
  ) then
    return query
    select p.since::timestamp at time zone 'UTC', p.until::timestamp at time zone 'UTC'
    from memoriesdb._parse_dates(
      left(_dates_in.query, 2000),
      case when at >= '0001-01-01 UTC' then to_char(at at time zone 'UTC', 'YYYY-MM-DD') end,
      memoriesdb._setting('search_language') = '"english"'
    ) as p;
  end if;
end;
$function$;

alter function memoriesdb._dates_in(text, timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb._dates_in(text, timestamptz) from public;
grant execute on function memoriesdb._dates_in(text, timestamptz) to memoriesdb_definer;
comment on function memoriesdb._dates_in(text, timestamptz) is
'The windows of time that a question names, at most four, in UTC: since (inclusive) and until '
'(exclusive), -infinity and infinity for "before 2022" and "since May". at: what "last week" and '
'"in May" are counted from, unless the question has a day; null: only dates that need none are '
'read. Only the first 2,000 characters are read; in English by settings.search_language, else '
'dates in digits alone. No rows without python3-dateutil or PL/Python.';
