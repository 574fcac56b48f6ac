-- Keep many memories at once, all or none; gives the ids in the order of the items.
select memoriesdb.remember_many(items => %(items)s::jsonb, idempotency_key => %(idempotency_key)s::text);
