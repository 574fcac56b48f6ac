-- Queue what is stranded.
select memoriesdb.repair_queues();
