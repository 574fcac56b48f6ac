-- Count everybody's vectors and decide who has an index of his own; gives how many indexes are
-- wanted or retired since.
select memoriesdb.plan_vector_indexes();
