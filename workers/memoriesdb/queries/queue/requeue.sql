-- Queue a dead letter again, or all that were not dropped (null).
select memoriesdb.requeue_embedding(%(job_id)s::bigint);
