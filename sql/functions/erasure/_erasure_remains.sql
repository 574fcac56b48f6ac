create or replace function memoriesdb._erasure_remains()
returns jsonb
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  select jsonb_build_array(
    'the slices of memory_graph and the vector indexes that are named under pending: the vindexing '
      'worker refreshes the ones and drops the others',
    'dead rows in the tables'' files, until each table is vacuumed: vacuum (freeze) memoriesdb.…; '
      'space that is free again keeps its bytes until it is used, or: vacuum full memoriesdb.…',
    'the write-ahead log, until its files are recycled or their archive expires: '
      'select pg_switch_wal(); checkpoint;',
    'replicas, until they have replayed it and were vacuumed with this server',
    'backups, until they expire',
    'logs of the server, of PgBouncer and of applications, where they keep statements '
      '(log_statement, log_min_duration_statement, log_min_error_statement, pgaudit), until they '
      'are rotated away; pg_stat_statements: select pg_stat_statements_reset();',
    'the numbers of rows and entries (ids, times, who, commitments), which are the ledger'
  );
$function$;

alter function memoriesdb._erasure_remains() owner to memoriesdb_definer;
revoke all on function memoriesdb._erasure_remains() from public;
comment on function memoriesdb._erasure_remains() is
'What no transaction can erase, and what shortens it: part of every receipt.';
