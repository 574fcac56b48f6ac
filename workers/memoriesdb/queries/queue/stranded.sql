-- How many memories are stranded, by queue and model.
select s.queue, m.name as model, pg_catalog.count(*) as memories
from memoriesdb.stranded_memories as s
left join memoriesdb.embedding_models as m on s.model_id = m.id
group by s.queue, m.name
order by s.queue, m.name;
