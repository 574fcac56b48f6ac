create or replace function memoriesdb.reap_embeddings(most integer default 1000)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes embedding_schedule
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_due_at timestamptz;
  v_reaped bigint;
begin
  if most is null or most not between 1 and 100000 then
    raise exception 'most is out of range' using
      errcode = 'MD110', hint = 'Give a number from 1 to 100000.';
  end if;
  -- What came due since the last claim; and sometimes all that is there, for what had not committed
  -- when a claim passed it.
  select case when random() < 0.02 then '-infinity' else max(n.due_at) end into v_due_at
  from memoriesdb.embedding_models as o
  cross join lateral (
    select b.due_at from memoriesdb.embedding_batches as b
    where b.model_id = o.id
    order by b.lease_token desc
    limit 1
  ) as n;
  select p.reaped into v_reaped
  from memoriesdb._put_in_line(coalesce(v_due_at, '-infinity'), most) as p;
  perform memoriesdb._forget_batches();
  return v_reaped;
end;
$function$;

alter function memoriesdb.reap_embeddings(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.reap_embeddings(integer) from public;
grant execute on function memoriesdb.reap_embeddings(integer)
to memoriesdb_worker, memoriesdb_admin;
comment on function memoriesdb.reap_embeddings(integer) is
'Take back up to most jobs (1 to 100000) whose lease has run out: they stand in line again, or are '
'dead letters after settings.max_attempts. Every claim and every heartbeat does it; this is for '
'an installation without workers. Returns how many. Raises MD110.';
