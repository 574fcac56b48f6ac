-- Memories whose content, hash and audit do not agree.
select memory_id, owner_id, problem, detail
from memoriesdb.verify_memories();
