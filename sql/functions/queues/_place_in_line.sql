-- What a claim begins with: hints, of which none has to be right. A job that stands before the
-- place where claims go on, since its transaction took over a quarter of a second to commit or
-- somebody had it locked when it was its turn, is found by a walk along the whole line. How often
-- one is made follows from what it costs: every few milliseconds where that is nothing, and for at
-- most a fiftieth of the time where an open transaction keeps a million jobs in the index that are
-- done.
create or replace function memoriesdb._place_in_line()
returns table (due_at timestamptz, walk_seconds double precision)
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_model_id uuid;
  v_token bigint;
  v_claimed_at timestamptz;
begin
  select n.model_id, n.lease_token, n.claimed_at, n.due_at, n.walk_seconds
  into v_model_id, v_token, v_claimed_at, due_at, walk_seconds
  from memoriesdb.embedding_models as o
  cross join lateral (
    select b.model_id, b.lease_token, b.claimed_at, b.due_at, b.walk_seconds
    from memoriesdb.embedding_batches as b
    where b.model_id = o.id
    order by b.lease_token desc
    limit 1
  ) as n
  order by n.claimed_at desc
  limit 1;
  if found then
    -- By lot, since many workers ask.
    if random() * 50 * walk_seconds
       > extract(epoch from clock_timestamp() - v_claimed_at)::double precision then
      return next;
      return;
    end if;
    -- Who walks has the last batch locked: the others need not do the same.
    perform from memoriesdb.embedding_batches as b
    where b.model_id = v_model_id and b.lease_token = v_token
    for update skip locked;
    if not found then
      return next;
      return;
    end if;
  end if;
  due_at := '-infinity';
  walk_seconds := null;
  return next;
end;
$function$;

alter function memoriesdb._place_in_line() owner to memoriesdb_definer;
revoke all on function memoriesdb._place_in_line() from public;
comment on function memoriesdb._place_in_line() is
'Until when what came due is in line, and how long the last walk along the whole line took: null '
'and the beginning of time where this claim is to walk.';
