-- Whether a model embeds what is remembered.
select exists (select from memoriesdb.embedding_models as m where m.is_active);
