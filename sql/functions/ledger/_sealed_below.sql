-- A row that anybody with the owner's rights can change must not decide what is sealed. It is
-- believed only up to where the last block reaches: a sealer never says more. Else the blocks tell.
-- Whoever wrote with a lower xid than an entry's, and yet drew a higher number, was running when
-- that entry drew its own. Of more transactions than can run at once, one was not: all its numbers
-- are lower.
create or replace function memoriesdb._sealed_below(state memoriesdb.ledger_state)
returns bigint
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_reached bigint := (
    select b.high_audit_id from memoriesdb.ledger_blocks as b order by b.block_no desc limit 1
  );
  v_given_out bigint := (
    select coalesce(s.last_value, 0) from pg_catalog.pg_sequences as s
    where s.schemaname = 'memoriesdb' and s.sequencename = 'audit_log_audit_id_seq'
  );
  -- And some for workers of the server's own.
  v_most_at_once constant bigint :=
    current_setting('max_connections')::bigint
    + current_setting('max_prepared_transactions')::bigint + 100::bigint;
begin
  if coalesce(state.sealed_below, 0)
     between 0 and least(coalesce(v_reached, 0), v_given_out) then
    return coalesce(state.sealed_below, 0);
  end if;
  return (
    select case when count(*) < v_most_at_once then 0 else greatest(min(t.low), 0) end
    from (
      select b.last_xid, min(b.low_audit_id) as low
      from memoriesdb.ledger_blocks as b
      where b.incarnation = (
        select c.system_identifier from pg_catalog.pg_control_system() as c
      )
      group by b.last_xid
      order by b.last_xid desc
      limit v_most_at_once
    ) as t
  );
end;
$function$;

alter function memoriesdb._sealed_below(memoriesdb.ledger_state) owner to memoriesdb_definer;
revoke all on function memoriesdb._sealed_below(memoriesdb.ledger_state) from public;
comment on function memoriesdb._sealed_below(memoriesdb.ledger_state) is
'An audit_id up to which every entry is sealed: what the sealer noted, where the blocks can have '
'it so, else what follows from the blocks.';
