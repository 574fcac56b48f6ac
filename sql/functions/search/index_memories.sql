create or replace function memoriesdb.index_memories(most integer default 1000)
returns bigint
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer reads and writes the search structures
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_owner_id uuid;
  v_first uuid;
  v_has_wrapped boolean := false;
  v_count bigint := 0::bigint;
begin
  if most is null or most not between 1 and 100000 then
    raise exception 'most is out of range' using
      errcode = 'MD110', hint = 'Give a number from 1 to 100000.';
  end if;
  -- From a random place, so that one owner's million does not keep the others waiting.
  v_first := memoriesdb._random_waiting_owner();
  v_owner_id := v_first;
  while v_owner_id is not null and v_count < most loop
    v_count := v_count + memoriesdb._index_owner(
      v_owner_id, least(most - v_count, greatest(most / 4, 100))::integer
    );
    v_owner_id := (
      select s.owner_id from memoriesdb.search_schedule as s
      where s.owner_id > v_owner_id
      order by s.owner_id
      limit 1
    );
    if v_owner_id is null and not v_has_wrapped then
      v_has_wrapped := true;
      v_owner_id := (
        select s.owner_id from memoriesdb.search_schedule as s order by s.owner_id limit 1
      );
    end if;
    exit when v_has_wrapped and v_owner_id >= v_first;
  end loop;
  return v_count;
end;
$function$;

alter function memoriesdb.index_memories(integer) owner to memoriesdb_definer;
revoke all on function memoriesdb.index_memories(integer) from public;
grant execute on function memoriesdb.index_memories(integer) to memoriesdb_worker;
comment on function memoriesdb.index_memories(integer) is
'Move up to most waiting memories (1 to 100000) from search_schedule to memory_terms, fairly '
'between owners (memoriesdb_worker). Returns how many; 0: nothing waits, or others have it. What '
'somebody is changing is left for the next call. Raises MD110.';
