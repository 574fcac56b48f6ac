-- Remove entries of access_log that are too old, so many at most; gives how many were.
select memoriesdb.prune_access_log(%(max_entries)s::integer);
