-- Index the words of so many waiting memories at most; gives how many were.
select memoriesdb.index_memories(%(most)s::integer);
