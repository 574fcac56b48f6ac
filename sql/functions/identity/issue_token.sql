create or replace function memoriesdb.issue_token(
  user_id uuid,
  ttl interval default '30 days',
  scopes text[] default '{read,write}',
  label text default null
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- writes api_tokens
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_who memoriesdb._identity := memoriesdb._who();
  v_issued_by uuid;
  v_role text;
  v_id uuid := memoriesdb._new_id();
  v_token text;
  v_now timestamptz := clock_timestamp();
  v_most interval := make_interval(days => memoriesdb._setting('token_max_days')::integer);
begin
  -- Users make tokens of their own, by their login or application; a token makes no further one.
  if v_who.user_id = issue_token.user_id and v_who.token_id is null and v_who.actor_id is null
     and not 'admin' = any (issue_token.scopes) then
    v_issued_by := v_who.user_id;
  else
    v_issued_by := memoriesdb._require_admin();
  end if;
  select u.role into v_role from memoriesdb.users as u
  where u.id = issue_token.user_id and u.is_active;
  if not found then
    raise exception 'unknown user' using
      errcode = 'MD002',
      detail = format('No active user has the id %s.', coalesce(issue_token.user_id::text, 'null')),
      hint = 'memoriesdb.user_id(…) gives the id of a name.';
  end if;
  perform memoriesdb._check_scopes(issue_token.scopes, v_role);
  if issue_token.ttl is null or issue_token.ttl <= interval '0' or issue_token.ttl > v_most then
    raise exception 'ttl is out of range' using
      errcode = 'MD106',
      detail = format('It is %s.', coalesce(issue_token.ttl::text, 'null')),
      hint = format('Give an interval of more than 0 and at most %s (setting token_max_days).',
        v_most);
  end if;
  if char_length(issue_token.label) not between 1 and 200 then
    raise exception 'a label has 1 to 200 characters' using
      errcode = 'MD110', hint = 'Give another, or none.';
  end if;
  v_token := format('mdb_%s_%s', replace(v_id::text, '-', ''),
    encode(@extschema:pgcrypto@.gen_random_bytes(32), 'hex'));
  insert into memoriesdb.api_tokens (
    id, user_id, token_hash, scopes, label, issued_by, issued_by_login, issued_at, expires_at
  )
  values (
    v_id, issue_token.user_id, sha256(convert_to(v_token, 'UTF8')),
    array(
      select s from unnest(array['read', 'write', 'share', 'admin']) as s
      where s = any (issue_token.scopes)
    ),
    issue_token.label, v_issued_by, session_user, v_now, v_now + issue_token.ttl
  );
  insert into memoriesdb.api_token_uses (token_id) values (v_id);
  -- A limit that is switched on at the same time waits for this token, or this token for the limit.
  perform from memoriesdb.settings as s
  where s.key in ('token_writes_per_minute', 'token_recalls_per_minute')
  for share;
  if memoriesdb._setting('token_writes_per_minute') > '0'
     or memoriesdb._setting('token_recalls_per_minute') > '0' then
    perform memoriesdb._limit_tokens(v_id);
  end if;
  return v_token;
end;
$function$;

alter function memoriesdb.issue_token(uuid, interval, text[], text) owner to memoriesdb_definer;
revoke all on function memoriesdb.issue_token(uuid, interval, text[], text) from public;
grant execute on function memoriesdb.issue_token(uuid, interval, text[], text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
comment on function memoriesdb.issue_token(uuid, interval, text[], text) is
'Make a token by which a session becomes this user (login), and return it: it is shown this once. '
'scopes: read, write (which needs read where the answer shows rows, as remember''s does), share, '
'and admin for admins; a warning names those that the role of the user does not let him use. By an '
'admin for anybody; by a user for himself, where no token opened the session. Raises MD002, MD004, '
'MD106, MD110.';
