-- Drop an index of one owner once nobody uses it any more. Readers and writers go on meanwhile.
drop index concurrently if exists memoriesdb.{index_name};
