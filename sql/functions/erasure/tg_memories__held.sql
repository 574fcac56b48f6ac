-- After the statement, by its transition tables: a bulk statement costs one look at memory_holds. A
-- hold locks what it is placed on, so whoever waited for it sees it here.
create or replace function memoriesdb.tg_memories__held()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- reads memory_holds
set search_path = pg_catalog, pg_temp
as $function$
begin
  perform memoriesdb._raise_if_unseen('memoriesdb.hold_mark_seq');
  if not exists (select from memoriesdb.memory_holds) then
    return null;
  end if;
  if tg_op = 'DELETE' then
    perform memoriesdb._raise_if_held(r.owner_id, r.ids)
    from (
      select o.owner_id, array_agg(o.id) as ids from old_rows as o group by o.owner_id
    ) as r;
  else
    -- Contents may change: memory_versions keeps the former ones.
    perform memoriesdb._raise_if_held(r.owner_id, r.ids)
    from (
      select n.owner_id, array_agg(n.id) as ids
      from new_rows as n
      join old_rows as o on o.id = n.id
      where (o.forgotten_at is null and n.forgotten_at is not null)
        or n.expires_at < coalesce(o.expires_at, 'infinity')
      group by n.owner_id
    ) as r;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__held() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__held() from public;
comment on function memoriesdb.tg_memories__held() is
'Refuses to delete what is under a legal hold, to forget it and to let it expire earlier, on every '
'way. Raises MD204; 40001 in repeatable read where a hold was placed since the transaction began.';
