-- How many vector indexes of a model there are.
select count(*)
from memoriesdb.memory_vector_indexes as v
inner join memoriesdb.embedding_models as m on v.model_id = m.id
where m.name = %(name)s::text and v.index_name is not null;
