create or replace function memoriesdb.tg_memory_edges__stamp()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if tg_op = 'INSERT' then
    new.created_by := memoriesdb._require_scope('write');
    new.owner_id := coalesce(new.owner_id, new.created_by);
    new.created_at := clock_timestamp();
    new.updated_at := new.created_at;
  else
    if (new.owner_id, new.source_id, new.target_id, new.relation, new.created_by, new.created_at)
       is distinct from (
         old.owner_id, old.source_id, old.target_id, old.relation, old.created_by, old.created_at
       ) then
      raise exception 'an edge''s ends, relation and maker never change' using
        errcode = 'MD202', hint = 'Unlink and link anew; weight and metadata can be changed.';
    end if;
    new.updated_at := clock_timestamp();
  end if;
  if new.source_id = new.target_id then
    raise exception 'a memory cannot be linked to itself' using
      errcode = 'MD203', detail = format('Memory %s.', new.source_id), hint = 'Give two memories.';
  end if;
  if new.relation is null or new.relation !~ '^[a-z][a-z0-9_]{0,62}$' then
    raise exception 'invalid relation' using
      errcode = 'MD103',
      detail = 'A relation is a lower-case word of letters, digits and _ with 1 to 63 characters '
        'that starts with a letter.',
      hint = 'Such as related, supports, contradicts or next.';
  end if;
  if new.weight is null or not new.weight between 0 and 1 then
    raise exception 'weight is out of range' using
      errcode = 'MD105', hint = 'Give a number from 0 to 1.';
  end if;
  if new.metadata is null or jsonb_typeof(new.metadata) <> 'object' then
    raise exception 'metadata is not a JSON object' using
      errcode = 'MD104', hint = 'Give {} or an object.';
  end if;
  return new;
end;
$function$;

alter function memoriesdb.tg_memory_edges__stamp() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memory_edges__stamp() from public;
grant execute on function memoriesdb.tg_memory_edges__stamp() to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.tg_memory_edges__stamp() is
'Fills owner, maker and times of an edge, and refuses bad input.';
