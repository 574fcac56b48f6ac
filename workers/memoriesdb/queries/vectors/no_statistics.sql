-- What an index computes has statistics of its own: a hundred vectors, which would outlive the
-- memories that they are of. ANALYZE waits for a build, so it has taken none before this.
alter index memoriesdb.{index_name} alter column 1 set statistics 0;
