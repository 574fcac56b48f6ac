-- Take hold of a memory that is about to change, so that its next version is known.
select m.id as memory_id, m.owner_id, m.version, m.is_encrypted
from memoriesdb.memories as m
where m.id = %(memory_id)s::uuid and (select memoriesdb._require_scope('write')) is not null
for no key update;
