-- Take the next step of dropping a model; gives what the step after it is to be given.
select memoriesdb.drop_embedding_model(
  name => %(name)s::text, progress => %(progress)s::jsonb, pages => %(pages)s::integer
);
