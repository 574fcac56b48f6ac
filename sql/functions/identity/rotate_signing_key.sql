create or replace function memoriesdb.rotate_signing_key(grace interval default '1 minute')
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- nobody else may make a key
set search_path = pg_catalog, pg_temp
as $function$
begin
  if grace is null or grace < interval '0' or grace > interval '1 day' then
    raise exception 'grace is out of range' using
      errcode = 'MD110', hint = 'Give an interval from 0 to 1 day.';
  end if;
  return memoriesdb._new_signing_key('session', grace);
end;
$function$;

alter function memoriesdb.rotate_signing_key(interval) owner to memoriesdb_definer;
revoke all on function memoriesdb.rotate_signing_key(interval) from public;
grant execute on function memoriesdb.rotate_signing_key(interval) to memoriesdb_admin;
comment on function memoriesdb.rotate_signing_key(interval) is
'Sign sessions with a new key from now on (memoriesdb_admin); returns its number. Transactions '
'that run go on with the former one; those that begin later than grace (0 to 1 day) from now '
'cannot use it. Tokens stay valid. After a restore, and whenever a backup got into wrong hands. '
'Raises MD110.';
