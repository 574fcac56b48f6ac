create or replace function memoriesdb._check_wrapped_key(
  wrapped_key bytea, provider text, provider_key text
)
returns void
language plpgsql
immutable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
begin
  if coalesce(octet_length(wrapped_key), 0) not between 1 and 65536 then
    raise exception 'a wrapped key has 1 to 65536 bytes' using
      errcode = 'MD110', hint = 'Give what the provider made of the key.';
  end if;
  if provider is null or provider !~ '^[a-z][a-z0-9_-]{0,62}$' then
    raise exception 'invalid provider' using
      errcode = 'MD110', hint = 'Such as keyring, environment, vault or aws-kms.';
  end if;
  if coalesce(char_length(provider_key), 2049) > 2048 then
    raise exception 'the name of the wrapping key is null or too long' using
      errcode = 'MD110', hint = 'Give at most 2048 characters.';
  end if;
end;
$function$;

alter function memoriesdb._check_wrapped_key(bytea, text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_wrapped_key(bytea, text, text) from public;
comment on function memoriesdb._check_wrapped_key(bytea, text, text) is
'Raises MD110 where a wrapped key or the names of its provider are not as they must be.';
