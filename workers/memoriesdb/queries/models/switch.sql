-- Let recall use a model; gives the name of the one that it used before, or null.
select memoriesdb.switch_embedding_model(
  name => %(name)s::text, max_missing => %(max_missing)s::double precision
);
