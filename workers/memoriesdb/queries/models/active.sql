-- Name of the model that recall uses; no row where there is none.
select m.name
from memoriesdb.embedding_models as m
where m.is_active;
