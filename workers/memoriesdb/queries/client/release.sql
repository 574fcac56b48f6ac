-- End a legal hold; false where there is none.
select memoriesdb.release(hold_id => %(hold_id)s::uuid);
