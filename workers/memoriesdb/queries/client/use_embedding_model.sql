-- Let the rest of the transaction go by a model, or by the active one again (null).
select memoriesdb.use_embedding_model(name => %(name)s::text);
