-- As a service: act for a user to whom it was assigned, until the end of the transaction.
select memoriesdb.act_for(%(user_id)s::uuid);
