-- Give one of one's own memories to another user.
select memoriesdb.transfer(
  memory_id => %(memory_id)s::uuid,
  new_owner_id => %(new_owner_id)s::uuid,
  reason => %(reason)s::text
);
