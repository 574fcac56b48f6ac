-- How many of one's own memories are in plain text.
select count(*)
from memoriesdb.memories as m
where m.owner_id = (select memoriesdb.current_user_id()) and not m.is_encrypted;
