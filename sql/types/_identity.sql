do $block$
begin
  if to_regtype('memoriesdb._identity') is null then
    create type memoriesdb._identity as (
      user_id uuid, role text, token_id uuid, actor_id uuid, scopes text[], is_proven boolean
    );
  end if;
end;
$block$;

alter type memoriesdb._identity owner to memoriesdb_owner;
revoke all on type memoriesdb._identity from public;
grant usage on type memoriesdb._identity to memoriesdb_definer;
comment on type memoriesdb._identity is
'Who acts: the user and his role, the token and the service by which, the scopes of the session, '
'and whether a token or the login itself proves it (a setting does not).';
