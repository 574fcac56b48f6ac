-- Nothing is changed, and no name is found in a schema where somebody else may have put it.
set transaction read only;
set local search_path = pg_catalog, pg_temp;
