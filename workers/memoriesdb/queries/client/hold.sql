-- Place a legal hold on a memory or on all memories of a user; the hold's id.
select memoriesdb.hold(subject_id => %(subject_id)s::uuid, reason => %(reason)s::text);
