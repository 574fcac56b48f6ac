-- Let another user read or write one of one's own memories.
select memoriesdb.share(
  memory_id => %(memory_id)s::uuid,
  grantee_id => %(grantee_id)s::uuid,
  privilege => %(privilege)s::text,
  expires_at => %(expires_at)s::timestamptz
);
