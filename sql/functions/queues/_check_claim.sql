create or replace function memoriesdb._check_claim(worker text, batch integer, lease interval)
returns void
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if worker is null or char_length(worker) not between 1 and 200 then
    raise exception 'a worker needs a name' using
      errcode = 'MD110', hint = 'Give 1 to 200 characters, such as host:pid.';
  end if;
  if batch is null or batch not between 1 and 1000 then
    raise exception 'batch is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 1000.';
  end if;
  if lease is null or lease not between interval '1 second' and interval '1 hour' then
    raise exception 'lease is out of range' using
      errcode = 'MD108', hint = 'Give an interval from 1 second to 1 hour.';
  end if;
end;
$function$;

alter function memoriesdb._check_claim(text, integer, interval) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_claim(text, integer, interval) from public;
comment on function memoriesdb._check_claim(text, integer, interval) is
'Raises MD108 or MD110 for a claim with a bad name, size or lease.';
