-- Reads the transition tables: one INSERT … SELECT for a statement of any size.
create or replace function memoriesdb.tg_memories__version()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes memory_versions
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb.current_user_id();
begin
  if tg_op = 'UPDATE' then
    -- Old and new rows are paired by id alone: it never changes, and owner_id must not matter here.
    insert into memoriesdb.memory_versions (
      owner_id, memory_id, version, valid_from, valid_until, operation, ended_by, seq, kind,
      content, content_hash, metadata, stream, importance, trust, occurred_at, expires_at,
      forgotten_at, created_by, created_at, updated_by
    )
    select
      o.owner_id, o.id, o.version, o.updated_at, n.updated_at, 'UPDATE', v_user_id, o.seq, o.kind,
      case when o.content_hash <> n.content_hash then o.content end, o.content_hash,
      o.metadata, o.stream, o.importance, o.trust, o.occurred_at, o.expires_at, o.forgotten_at,
      o.created_by, o.created_at, o.updated_by
    from old_rows as o
    join new_rows as n on n.id = o.id;
  else
    insert into memoriesdb.memory_versions (
      owner_id, memory_id, version, valid_from, valid_until, operation, ended_by, seq, kind,
      content, content_hash, metadata, stream, importance, trust, occurred_at, expires_at,
      forgotten_at, created_by, created_at, updated_by
    )
    select
      o.owner_id, o.id, o.version, o.updated_at,
      greatest(clock_timestamp(), o.updated_at + interval '1 microsecond'), 'DELETE', v_user_id,
      o.seq, o.kind, o.content, o.content_hash,
      o.metadata, o.stream, o.importance, o.trust, o.occurred_at, o.expires_at, o.forgotten_at,
      o.created_by, o.created_at, o.updated_by
    from old_rows as o;
  end if;
  return null;
end;
$function$;

alter function memoriesdb.tg_memories__version() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_memories__version() from public;
comment on function memoriesdb.tg_memories__version() is
'Keeps the former state of every updated or deleted memory in memory_versions.';
