-- Make a token; gives it, this once.
select memoriesdb.issue_token(
  user_id => %(user_id)s::uuid,
  ttl => %(ttl)s::interval,
  scopes => %(scopes)s::text[],
  label => %(label)s::text
);
