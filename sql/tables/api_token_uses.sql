-- requires: api_tokens
-- Apart from api_tokens: a mark of use is no change of the token, and is not audited.
create table memoriesdb.api_token_uses (
  token_id uuid not null,
  last_used_at timestamptz,
  constraint api_token_uses_pkey primary key (token_id),
  constraint api_token_uses_token_exists
    foreign key (token_id)
    references memoriesdb.api_tokens(id) on delete cascade
);
alter table memoriesdb.api_token_uses enable row level security;
alter table memoriesdb.api_token_uses force row level security;
comment on table memoriesdb.api_token_uses is
'When each token was used last, to the minute.';
comment on column memoriesdb.api_token_uses.token_id is 'api_tokens.id';
comment on column memoriesdb.api_token_uses.last_used_at is
'A login of about then; written at most once a minute, and never waited for. Null: never used, or '
'by read-only and repeatable-read transactions alone.';
