-- Let a service act for a user; gives whether it did not yet.
select memoriesdb.assign_service(service_id => %(service_id)s::uuid, user_id => %(user_id)s::uuid);
