-- Give a dead letter up for good.
select memoriesdb.drop_dead_letter(%(job_id)s::bigint);
