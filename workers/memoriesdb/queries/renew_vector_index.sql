-- Prolong the lease of a vector index that is being built or dropped; false where it was lost.
select memoriesdb.renew_vector_index(
  %(worker)s::text, %(lease_token)s::bigint, pg_catalog.make_interval(secs => %(lease)s)
);
