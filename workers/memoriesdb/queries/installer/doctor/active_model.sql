-- The model that recall asks, and where.
select m.name, m.provider, m.endpoint, m.model, m.dimensions
from memoriesdb.embedding_models as m
where m.is_active;
