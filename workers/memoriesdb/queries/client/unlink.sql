-- Remove links between two of one's own memories; gives how many there were.
select memoriesdb.unlink(
  source_id => %(source_id)s::uuid,
  target_id => %(target_id)s::uuid,
  relation => %(relation)s::text
);
