create or replace function memoriesdb._write_receipt(
  subject text, owner_id uuid, memory_ids uuid[], facts jsonb
)
returns jsonb
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $function$
declare
  v_salt bytea := @extschema:pgcrypto@.gen_random_bytes(32);
  v_row_id uuid := case subject when 'user' then owner_id else memory_ids[1] end;
  v_receipt jsonb := jsonb_build_object(
    'version', 1, 'subject', subject, 'owner_id', owner_id, 'memory_ids', memory_ids,
    'erased_at', clock_timestamp(), 'erased_by', memoriesdb.current_user_id(),
    'login', session_user, 'counts', facts -> 'counts', 'audit_ids', facts -> 'audit_ids',
    'copies', facts -> 'copies', 'shared_with', facts -> 'shared_with',
    'given_away', coalesce(facts -> 'given_away', '[]'),
    'pending', memoriesdb._pending_slices(owner_id, memory_ids)
      -- Their definitions name the owner; a memory's vector leaves them with vacuum.
      || case subject when 'user' then memoriesdb._pending_vector_indexes(owner_id) else '[]' end,
    'remains', memoriesdb._erasure_remains()
  );
begin
  perform memoriesdb._write_audit(
    case subject when 'user' then 'users' else 'memories' end, 'ERASE', array[(
      owner_id, v_row_id,
      case subject when 'user' then jsonb_build_object('id', v_row_id)
        else jsonb_build_object('owner_id', owner_id, 'id', v_row_id) end,
      null,
      v_receipt || jsonb_build_object(
        'content_commitments', memoriesdb._content_commitments(v_salt, facts -> 'content_hashes')
      )
    )::memoriesdb._audit_entry]
  );
  return v_receipt || jsonb_build_object(
    'receipt_id', currval('memoriesdb.audit_log_audit_id_seq'),
    'content_hashes', facts -> 'content_hashes', 'salt', encode(v_salt, 'hex')
  );
end;
$function$;

alter function memoriesdb._write_receipt(text, uuid, uuid[], jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._write_receipt(text, uuid, uuid[], jsonb) from public;
comment on function memoriesdb._write_receipt(text, uuid, uuid[], jsonb) is
'Write the entry ERASE and return the receipt. The entry keeps the receipt with commitments in '
'place of the hashes and their salt: nothing that is stored lets anybody guess a text.';
