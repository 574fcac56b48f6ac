create or replace function memoriesdb._iso_time(at timestamptz)
returns text
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
end;
$function$;

alter function memoriesdb._iso_time(timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb._iso_time(timestamptz) from public;
comment on function memoriesdb._iso_time(timestamptz) is
'A time as digests and proofs have it: ISO 8601 in UTC with six digits, in any time zone.';
