-- Invoker, so that current_user tells who writes: a definer function has asked for the scope it
-- needs.
create or replace function memoriesdb.tg_memories__require_user()
returns trigger
language plpgsql
volatile
parallel unsafe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_is_of_system boolean := current_user in ('memoriesdb_definer', 'memoriesdb_eraser');
  v_user_id uuid;
  v_is_foreign boolean;
begin
  if tg_when = 'BEFORE' then
    if not v_is_of_system and memoriesdb._user_with_scope('write') is null then
      -- Says why.
      perform memoriesdb._require_scope('write');
    end if;
    return null;
  end if;
  -- Only owners delete; functions of the system's move and erase rows.
  if tg_op = 'DELETE' and v_is_of_system then
    return null;
  end if;
  if tg_op = 'DELETE' then
    v_user_id := memoriesdb.current_user_id();
    v_is_foreign := exists (select from old_rows as o where o.owner_id <> v_user_id);
  elsif v_is_of_system then
    v_user_id := memoriesdb.current_user_id();
    v_is_foreign := exists (select from new_rows as n where n.updated_by <> v_user_id);
  else
    -- Rows bear whom the session named while they were written: he must be the one whom it proves,
    -- and one who may write. A migration has nobody, and bears nobody.
    v_user_id := memoriesdb._user_with_scope('write');
    v_is_foreign := exists (
      select from new_rows as n where n.updated_by is distinct from v_user_id
    );
  end if;
  if v_is_foreign then
    raise exception 'the user changed while the statement ran' using
      errcode = 'MD001',
      detail = format('It ends as %s.', coalesce(v_user_id::text, 'nobody who may write')),
      hint = 'Call login(…), act_for(…) or set_user(…) in a statement of its own.';
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__require_user() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__require_user() from public;
grant execute on function memoriesdb.tg_memories__require_user()
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb.tg_memories__require_user() is
'Before an INSERT: refuses who may not write. After a statement: refuses rows that were written or '
'deleted as somebody else than the session proves in its end. Raises MD001, MD004.';
