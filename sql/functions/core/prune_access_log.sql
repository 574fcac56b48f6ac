-- Looks at the oldest entries alone, by number, so that a call costs what it removes however long
-- the log is. A caller goes on until 0 comes back, each call in a transaction of its own.
create or replace function memoriesdb.prune_access_log(max_entries integer default 10000)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the eraser removes entries
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_days integer := memoriesdb._setting('access_log_retention_days')::integer;
  v_count bigint := 0::bigint;
begin
  if max_entries is null or max_entries not between 1 and 1000000 then
    raise exception 'max_entries is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 1000000.';
  end if;
  if v_days = 0 then
    return v_count;
  end if;
  delete from memoriesdb.access_log as a
  using (
    select o.access_id from memoriesdb.access_log as o order by o.access_id limit max_entries
  ) as oldest
  where a.access_id = oldest.access_id and a.at < now() - make_interval(days => v_days);
  get diagnostics v_count = row_count;
  return v_count;
end;
$function$;

alter function memoriesdb.prune_access_log(integer) owner to memoriesdb_eraser;
revoke all on function memoriesdb.prune_access_log(integer) from public;
grant execute on function memoriesdb.prune_access_log(integer)
to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.prune_access_log(integer) is
'Remove entries of access_log that are older than the setting access_log_retention_days (0: none), '
'oldest first, at most max_entries (1 to 1000000) in a call. Returns how many; call it again until '
'it returns 0. Raises MD108.';
