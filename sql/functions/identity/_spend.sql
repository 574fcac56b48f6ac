-- A bucket of a token: a sequence, which survives ROLLBACK and which no transaction waits for. Its
-- value is how far the token has spent, counted in units of the limit as the time is: a limit of 60
-- a minute gives 60 units a minute, and value - now is what the bucket lacks.
create or replace function memoriesdb._spend(
  action text, units bigint, is_taken boolean default true
)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- the sequences are the owner's
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_limit bigint := memoriesdb._setting(format('token_%s_per_minute', action))::bigint;
  v_token_id uuid;
  v_bucket regclass;
  v_now bigint;
  v_spent bigint;
begin
  if v_limit = 0 or units < 1 then
    return;
  end if;
  v_token_id := (memoriesdb._who()).token_id;
  if v_token_id is null then
    return;
  end if;
  if current_setting('transaction_read_only')::boolean then
    raise exception 'a read-only transaction cannot count what a token spends' using
      errcode = 'MD012',
      detail = format('The limit of this token is %s %s a minute.', v_limit, action),
      hint = 'Do it in a transaction that may write.';
  end if;
  -- No waiting lets through at once what is more than the bucket ever holds.
  if units > v_limit then
    raise exception 'too many % at once for this token', action using
      errcode = 'MD013',
      detail = format('These are %s; the limit is %s a minute.', units, v_limit),
      hint = format('Split it into parts of at most %s each; or ask an admin for a higher limit '
        '(settings token_writes_per_minute, token_recalls_per_minute).', v_limit);
  end if;
  select to_regclass(format('memoriesdb.%I', memoriesdb._bucket_name(t.token_hash, action)))
  into v_bucket
  from memoriesdb.api_tokens as t
  where t.id = v_token_id;
  if v_bucket is null then
    raise exception 'what this token spends cannot be counted' using
      errcode = 'MD012',
      detail = format('The sequence that keeps its limit of %s is missing.', action),
      hint = format('An admin changes the setting token_%s_per_minute, which makes it anew.',
        action);
  end if;
  v_now := floor(extract(epoch from clock_timestamp()) / 60 * v_limit)::bigint;
  v_spent := coalesce(pg_sequence_last_value(v_bucket), 0);
  -- Full again; or counted in units of another limit, which is as far as half the time since 1970.
  if v_spent < v_now or v_spent > v_now + v_now / 2 / v_limit then
    perform setval(v_bucket, v_now);
    v_spent := v_now;
  end if;
  if v_spent + units > v_now + v_limit then
    raise exception 'too many % by this token', action using
      errcode = 'MD011',
      detail = format(
        'The limit is %s a minute. Retry after %s seconds.',
        v_limit,
        ceil((v_spent + units - v_now - v_limit) * 60.0 / v_limit)
      ),
      hint = 'Wait as long; or ask an admin for a higher limit (settings '
        'token_writes_per_minute, token_recalls_per_minute).';
  end if;
  if is_taken then
    perform nextval(v_bucket) from generate_series(1, units);
  end if;
end;
$function$;

alter function memoriesdb._spend(text, bigint, boolean) owner to memoriesdb_owner;
revoke all on function memoriesdb._spend(text, bigint, boolean) from public;
grant execute on function memoriesdb._spend(text, bigint, boolean)
to memoriesdb_definer, memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._spend(text, bigint, boolean) is
'Take units out of the bucket of the token of this session, which ROLLBACK does not give back; '
'nothing without a token or a limit. action: writes or recalls. is_taken: false only looks whether '
'they are there. Raises MD011 with the seconds to wait, MD012 where nothing can be counted (in a '
'read-only transaction), MD013 for more at once than the limit, MD507.';
