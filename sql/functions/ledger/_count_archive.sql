create or replace function memoriesdb._count_archive(archive memoriesdb.ledger_archives)
returns memoriesdb.ledger_archives
language plpgsql
stable
parallel safe
security invoker -- called by detach_audit_partition, as the owner
set search_path = pg_catalog, pg_temp
set jit = off
as $function$
declare
  v_entries bigint;
  v_boundary jsonb;
  v_unsealed bigint;
begin
  select
    coalesce(sum(c.entry_count), 0)::bigint,
    (sum(c.entry_count) filter (where c.block_no is null))::bigint,
    coalesce(
      jsonb_object_agg(c.block_no, c.entry_count) filter (
        where c.low_audit_id < archive.first_audit_id or c.high_audit_id > archive.last_audit_id
      ), '{}'
    )
  into v_entries, v_unsealed, v_boundary
  from (
    select s.block_no, s.low_audit_id, s.high_audit_id, count(*) as entry_count
    from memoriesdb.audit_log as a
    left join lateral (
      select b.block_no, b.low_audit_id, b.high_audit_id from memoriesdb.ledger_blocks as b
      where b.incarnation = a.incarnation
        and (b.last_xid, b.last_audit_id) >= (a.xid, a.audit_id)
      order by b.last_xid, b.last_audit_id
      limit 1
    ) as s on true
    where a.audit_id between archive.first_audit_id and archive.last_audit_id
    group by s.block_no, s.low_audit_id, s.high_audit_id
  ) as c;
  if v_unsealed > 0 then
    raise exception 'not all entries of the partition are sealed' using
      errcode = 'MD402',
      detail = format('%s of its %s entries are not.', v_unsealed, v_entries),
      hint = 'Call seal_ledger() until it returns 0; ledger_status tells what holds it up.';
  end if;
  return (
    archive.partition_no, archive.first_audit_id, archive.last_audit_id, v_entries, v_boundary,
    archive.file_sha256, archive.archived_at, archive.archived_by_login
  )::memoriesdb.ledger_archives;
end;
$function$;

alter function memoriesdb._count_archive(memoriesdb.ledger_archives) owner to memoriesdb_definer;
revoke all on function memoriesdb._count_archive(memoriesdb.ledger_archives) from public;
grant execute on function memoriesdb._count_archive(memoriesdb.ledger_archives)
to memoriesdb_owner;
comment on function memoriesdb._count_archive(memoriesdb.ledger_archives) is
'Count the entries of a partition that is to be archived, and those of the blocks that lie in it '
'in part. Raises MD402 where not all are sealed.';
