create or replace function memoriesdb._take_reservation(content text)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- checks a signature, and reads the audit of rows that are gone
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_user_id uuid := memoriesdb._require_scope('write');
  v_id uuid := (memoriesdb._ciphertext_header(content)).memory_id;
  v_reserved text := coalesce(current_setting('app.reserved_ids', true), '');
  -- One entry, found without a pattern: there may be a thousand.
  v_entry text := split_part(
    substr(v_reserved, strpos(v_reserved, format(' %s.', v_id)) + 1, 150), ' ', 1
  );
  v_parts text[] := regexp_match(v_entry, E'^[0-9a-f-]{36}\\.([0-9]{1,9})\\.([0-9a-f]{64})$');
begin
  if v_id is null then
    return null;
  end if;
  if v_parts is null
     or decode(v_parts[2], 'hex') is distinct from (
       select s.signature from memoriesdb._sign(
         'session', memoriesdb._reservation_payload(v_user_id, v_id), v_parts[1]::integer
       ) as s
     )
     -- Once: the setting can be set again, the entry of the first use stays, also of a row that
     -- was deleted or transferred since.
     or exists (
       select from memoriesdb.audit_log as a where a.owner_id = v_user_id and a.row_id = v_id
     ) then
    raise exception 'the memory that the ciphertext names was not reserved' using
      errcode = 'MD601',
      detail = format(
        'Id %s was not reserved by this user in this transaction, or was used.', v_id
      ),
      hint = 'Call memoriesdb.reserve_memory_id() in the same transaction, encrypt for that id, '
        'and insert it once.';
  end if;
  perform set_config('app.reserved_ids', replace(v_reserved, ' ' || v_entry, ''), true);
  return v_id;
end;
$function$;

alter function memoriesdb._take_reservation(text) owner to memoriesdb_definer;
revoke all on function memoriesdb._take_reservation(text) from public;
grant execute on function memoriesdb._take_reservation(text) to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._take_reservation(text) is
'The id that a ciphertext names, where reserve_memory_ids() gave it to this user in this '
'transaction and it was not used yet; null for any other text. Raises MD601.';
