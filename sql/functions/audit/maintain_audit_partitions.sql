-- Owned by memoriesdb_owner: a partition belongs to the owner of its table. The only statements are
-- of fixed shape with numbers.
create or replace function memoriesdb.maintain_audit_partitions(ahead integer default 2)
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- creates tables
set search_path = pg_catalog, pg_temp
-- Whoever reads the default partition makes this wait: try again later rather than queue all behind
-- it.
set lock_timeout = '2s'
as $function$
declare
  v_size constant bigint := 1000000::bigint;
  v_last bigint := (select coalesce(s.last_value, 0) from pg_catalog.pg_sequences as s
    where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq');
  v_made integer := 0;
  v_table name;
  v_partition name;
  v_column name;
  v_from bigint;
begin
  if ahead is null or ahead not between 1 and 100 then
    raise exception 'ahead is out of range' using
      errcode = 'MD110', hint = 'Give a number from 1 to 100.';
  end if;
  begin
    -- A lock that only the owner of the table can take: anybody could hold an advisory one.
    lock table only memoriesdb.audit_log in share update exclusive mode nowait;
  exception
    when lock_not_available then
      return 0; -- somebody else is at it
  end;
  for v_from in select (v_last / v_size + i) * v_size from generate_series(0, ahead) as i loop
    foreach v_table in array array['audit_log', 'audit_payloads']::name[] loop
      v_partition := format('%s_%s', v_table, lpad((v_from / v_size)::text, 6, '0'))::name;
      continue when to_regclass(format('memoriesdb.%I', v_partition)) is not null;
      -- What was written into the default partition meanwhile stays there: its range cannot have a
      -- partition of its own.
      continue when v_from <= v_last and v_last > 0;
      -- Made alone and then attached, which does not wait for writers as CREATE TABLE … PARTITION
      -- OF does.
      execute format(
        'create table memoriesdb.%I (like memoriesdb.%I including constraints including comments)',
        v_partition, v_table
      );
      execute format('alter table memoriesdb.%I enable row level security', v_partition);
      execute format('alter table memoriesdb.%I force row level security', v_partition);
      execute format('revoke all on memoriesdb.%I from public', v_partition);
      -- As in the table: no samples of what users write.
      for v_column in
        select a.attname from pg_catalog.pg_attribute as a
        where a.attrelid = format('memoriesdb.%I', v_table)::regclass and a.attnum > 0
          and a.attstattarget = 0
      loop
        execute format(
          'alter table memoriesdb.%I alter column %I set statistics 0', v_partition, v_column
        );
      end loop;
      -- Nobody has rights on a partition, and its owner would see none of its rows without this.
      execute format(
        'create policy %I on memoriesdb.%I to memoriesdb_owner, memoriesdb_definer '
        'using (true) with check (true)', v_partition || '_all_system', v_partition
      );
      execute format('comment on policy %I on memoriesdb.%I is %L', v_partition || '_all_system',
        v_partition, 'Migrations see every row: without this the owner would silently do nothing.');
      execute format('comment on table memoriesdb.%I is %L', v_partition,
        format('Entries %s to %s of %s.', v_from, v_from + v_size - 1, v_table));
      execute format(
        'create trigger _900_refuse_truncate before truncate on memoriesdb.%I '
        'for each statement execute function memoriesdb.tg_refuse_truncate()', v_partition
      );
      execute format(
        'alter table memoriesdb.%I enable always trigger _900_refuse_truncate', v_partition
      );
      execute format(
        'comment on trigger _900_refuse_truncate on memoriesdb.%I is %L', v_partition,
        'Refuses TRUNCATE, which no row trigger sees.'
      );
      execute format(
        'alter table memoriesdb.%I attach partition memoriesdb.%I for values from (%s) to (%s)',
        v_table, v_partition, v_from, v_from + v_size
      );
      execute format(
        'alter table memoriesdb.%I enable always trigger _900_refuse_change', v_partition
      );
      v_made := v_made + 1;
    end loop;
  end loop;
  return v_made;
end;
$function$;

alter function memoriesdb.maintain_audit_partitions(integer) owner to memoriesdb_owner;
revoke all on function memoriesdb.maintain_audit_partitions(integer) from public;
grant execute on function memoriesdb.maintain_audit_partitions(integer)
to memoriesdb_definer, memoriesdb_admin;
comment on function memoriesdb.maintain_audit_partitions(integer) is
'Make partitions of audit_log and audit_payloads ahead of the entries, each of 1,000,000, until '
'`ahead` whole ones are free (memoriesdb_admin; install and workers call it). Returns how many '
'tables were made.';
