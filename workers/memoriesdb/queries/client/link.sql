-- Link two of one's own memories, or set weight and metadata of their link.
select memoriesdb.link(
  source_id => %(source_id)s::uuid,
  target_id => %(target_id)s::uuid,
  relation => %(relation)s::text,
  weight => %(weight)s::double precision,
  metadata => %(metadata)s::jsonb
);
