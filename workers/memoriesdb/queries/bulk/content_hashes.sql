-- SHA-256 of the texts that one has and has not forgotten.
select m.content_hash
from memoriesdb.memories as m
where m.owner_id = (select memoriesdb.current_user_id()) and m.forgotten_at is null;
