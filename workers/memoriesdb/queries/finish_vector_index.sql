-- Report that a claimed vector index was built or dropped: ready, dropped, or refused; retry or
-- dead where the catalogue says otherwise.
select memoriesdb.finish_vector_index(%(worker)s::text, %(lease_token)s::bigint);
