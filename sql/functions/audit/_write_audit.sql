create or replace function memoriesdb._write_audit(
  table_name name, operation text, entries memoriesdb._audit_entry[], reason text default null
)
returns void
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  -- Before any number is drawn: the sealer relies on it.
  v_xid xid8 := pg_current_xact_id();
  v_application_name text := nullif(current_setting('application_name', true), '');
  v_reason text := coalesce(_write_audit.reason, nullif(current_setting('app.reason', true), ''));
  v_incarnation bigint := (pg_control_system()).system_identifier;
  -- What all commitments begin and end with: see _payload_commitment().
  v_tag constant bytea := convert_to('memoriesdb.payload.v1', 'UTF8') || E'\\x00'::bytea;
  v_one constant bytea := E'\\x01'::bytea;
  v_null constant bytea := E'\\x00'::bytea;
  v_tail bytea;
  v_entry memoriesdb._audit_entry;
  v_audit_id bigint;
  v_salt bytea;
begin
  -- A statement may take its own session away (delete … where set_config(…) = ''): nobody's act.
  if v_who.user_id is null
     and (pg_has_role(session_user, 'memoriesdb_app', 'MEMBER')
       or pg_has_role(session_user, 'memoriesdb_client', 'MEMBER'))
     and not pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
     and not pg_has_role(session_user, 'memoriesdb_worker', 'MEMBER') then
    perform memoriesdb._require_user();
  end if;
  -- Who was deactivated is in an older snapshot still there.
  if current_setting('transaction_isolation') <> 'read committed' then
    perform memoriesdb._raise_if_unseen('memoriesdb.deactivation_mark_seq');
  end if;
  -- A single entry, as most writes make: two plain INSERTs take half as long as one of both.
  if cardinality(entries) = 1 then
    v_entry := entries[1];
    v_audit_id := nextval('memoriesdb.audit_log_audit_id_seq');
    v_salt := @extschema:pgcrypto@.gen_random_bytes(16);
    insert into memoriesdb.audit_payloads (
      audit_id, owner_id, row_id, target_id, salt, before, after, application_name, reason
    )
    values (
      v_audit_id, v_entry.owner_id, v_entry.row_id, (v_entry.row_key ->> 'target_id')::uuid,
      v_salt, v_entry.before, v_entry.after, v_application_name, v_reason
    );
    insert into memoriesdb.audit_log (
      audit_id, at, xid, incarnation, user_id, token_id, actor_id, login, table_name, operation,
      owner_id, row_id, row_key, commitment
    )
    overriding system value
    values (
      v_audit_id, clock_timestamp(), v_xid, v_incarnation, v_who.user_id, v_who.token_id,
      v_who.actor_id, session_user, _write_audit.table_name, _write_audit.operation,
      v_entry.owner_id, v_entry.row_id, v_entry.row_key,
      memoriesdb._payload_commitment(
        v_salt, v_entry.before, v_entry.after, v_application_name, v_reason
      )
    );
    return;
  end if;
  v_tail :=
    coalesce(
      v_one || int8send(octet_length(v_application_name)) || convert_to(v_application_name, 'UTF8'),
      v_null
    )
    || coalesce(v_one || int8send(octet_length(v_reason)) || convert_to(v_reason, 'UTF8'), v_null);
  with entry as materialized (
    select
      nextval('memoriesdb.audit_log_audit_id_seq') as audit_id,
      x.*,
      @extschema:pgcrypto@.gen_random_bytes(16) as salt
    from unnest(_write_audit.entries) as x
  ),

  payload as (
    insert into memoriesdb.audit_payloads (
      audit_id, owner_id, row_id, target_id, salt, before, after, application_name, reason
    )
    select
      x.audit_id, x.owner_id, x.row_id, (x.row_key ->> 'target_id')::uuid, x.salt, x.before,
      x.after, v_application_name, v_reason
    from entry as x
  )

  insert into memoriesdb.audit_log (
    audit_id, at, xid, incarnation, user_id, token_id, actor_id, login, table_name, operation,
    owner_id, row_id, row_key, commitment
  )
  overriding system value
  select
    x.audit_id, clock_timestamp(), v_xid, v_incarnation, v_who.user_id, v_who.token_id,
    v_who.actor_id, session_user, _write_audit.table_name, _write_audit.operation, x.owner_id,
    x.row_id, x.row_key,
    -- As _payload_commitment() has it: a call for each row would take as long as the row.
    sha256(
      v_tag || x.salt
      || coalesce(v_one || int8send(octet_length(b.before)) || b.before, v_null)
      || coalesce(v_one || int8send(octet_length(b.after)) || b.after, v_null)
      || v_tail
    )
  from entry as x
  cross join lateral (
    select convert_to(x.before::text, 'UTF8') as before, convert_to(x.after::text, 'UTF8') as after
    offset 0 -- made once, and not wherever they are named above
  ) as b;
end;
$function$;

alter function memoriesdb._write_audit(name, text, memoriesdb._audit_entry[], text)
owner to memoriesdb_definer;
revoke all on function memoriesdb._write_audit(name, text, memoriesdb._audit_entry[], text)
from public;
comment on function memoriesdb._write_audit(name, text, memoriesdb._audit_entry[], text) is
'Write entries to audit_log and audit_payloads: who, when, which transaction, what, and a '
'salted commitment to the states. Raises MD001 where an application or a client acts as nobody.';
