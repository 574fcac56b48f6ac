-- The only function that reads a key. Whoever may call it gets signatures, never the key.
create or replace function memoriesdb._sign(
  purpose text, payload bytea, inout key_id integer default null, out signature bytea
)
returns record
language plpgsql
stable
parallel restricted
security definer -- reads signing_keys, which nobody else can
set search_path = pg_catalog, pg_temp
as $function$
begin
  select k.id, @extschema:pgcrypto@.hmac(_sign.payload, k.key, 'sha256')
  into key_id, signature
  from memoriesdb.signing_keys as k
  where k.purpose = _sign.purpose
    and case
      when _sign.key_id is null then k.retired_at is null
      -- A session of a transaction that began before its key was retired goes on.
      else k.id = _sign.key_id and (k.retired_at is null or k.retired_at >= transaction_timestamp())
    end;
end;
$function$;

alter function memoriesdb._sign(text, bytea, integer) owner to memoriesdb_signer;
revoke all on function memoriesdb._sign(text, bytea, integer) from public;
grant execute on function memoriesdb._sign(text, bytea, integer) to memoriesdb_definer;
comment on function memoriesdb._sign(text, bytea, integer) is
'HMAC-SHA-256 of the payload, by the key of this number or, without one, by the key in use. Null '
'where there is no such key, or it was retired before this transaction began.';
