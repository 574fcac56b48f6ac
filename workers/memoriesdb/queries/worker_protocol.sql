-- Ask which protocol the queues' functions speak; a worker that speaks another one stops.
select memoriesdb.worker_protocol();
