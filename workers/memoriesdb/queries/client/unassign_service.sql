-- Let a service act for a user no more; gives whether it did.
select memoriesdb.unassign_service(service_id => %(service_id)s::uuid, user_id => %(user_id)s::uuid);
