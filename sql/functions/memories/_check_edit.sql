create or replace function memoriesdb._check_edit(
  old memoriesdb.memories, new memoriesdb.memories
)
returns void
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  if (new.forgotten_at, new.expires_at) is distinct from (old.forgotten_at, old.expires_at) then
    raise exception 'only the owner forgets a memory or lets it expire' using
      errcode = 'MD303',
      detail = format('Memory %s is shared with you.', old.id),
      hint = 'Ask its owner.';
  end if;
  -- Who raised it could acquire it then, trusted as he likes; who lowered it would lower for good
  -- what the owner has derived from it.
  if (new.trust, new.trust_limit) is distinct from (old.trust, old.trust_limit) then
    raise exception 'only the owner says how far a memory is trusted' using
      errcode = 'MD205',
      detail = format('Memory %s is shared with you.', old.id),
      hint = 'Ask its owner; or leave trust out of the update, and change it in a copy of your '
        'own: memoriesdb.acquire(…).';
  end if;
end;
$function$;

alter function memoriesdb._check_edit(memoriesdb.memories, memoriesdb.memories)
owner to memoriesdb_definer;
revoke all on function memoriesdb._check_edit(memoriesdb.memories, memoriesdb.memories)
from public;
grant execute on function memoriesdb._check_edit(memoriesdb.memories, memoriesdb.memories)
to memoriesdb_owner, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._check_edit(memoriesdb.memories, memoriesdb.memories) is
'Raises MD303 or MD205 where an edit by somebody else than the owner changes what the owner alone '
'decides: whether it is forgotten or expires, and how far it is trusted.';
