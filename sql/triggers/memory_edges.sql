create or replace trigger _100_stamp
before insert or update on memoriesdb.memory_edges
for each row execute function memoriesdb.tg_memory_edges__stamp();
alter table memoriesdb.memory_edges enable always trigger _100_stamp;
comment on trigger _100_stamp on memoriesdb.memory_edges is
'Fills what users do not, and refuses bad input.';

create or replace trigger _900_audit_insert
after insert on memoriesdb.memory_edges
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memory_edges__audit();
alter table memoriesdb.memory_edges enable always trigger _900_audit_insert;
comment on trigger _900_audit_insert on memoriesdb.memory_edges is
'Audits the rows after INSERT.';

create or replace trigger _900_audit_update
after update on memoriesdb.memory_edges
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memory_edges__audit();
alter table memoriesdb.memory_edges enable always trigger _900_audit_update;
comment on trigger _900_audit_update on memoriesdb.memory_edges is
'Audits the rows after UPDATE.';

create or replace trigger _900_audit_delete
after delete on memoriesdb.memory_edges
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memory_edges__audit();
alter table memoriesdb.memory_edges enable always trigger _900_audit_delete;
comment on trigger _900_audit_delete on memoriesdb.memory_edges is
'Audits the rows after DELETE.';

create or replace trigger _950_limit_trust
after insert on memoriesdb.memory_edges
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memory_edges__limit_trust();
alter table memoriesdb.memory_edges enable always trigger _950_limit_trust;
comment on trigger _950_limit_trust on memoriesdb.memory_edges is
'Lowers the trust of what was derived, after the entry about its cause.';

create or replace trigger _910_queue_insert
after insert on memoriesdb.memory_edges
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memory_edges__queue();
alter table memoriesdb.memory_edges enable always trigger _910_queue_insert;
comment on trigger _910_queue_insert on memoriesdb.memory_edges is
'Asks for a refresh of the graph after INSERT.';

create or replace trigger _910_queue_update
after update on memoriesdb.memory_edges
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memory_edges__queue();
alter table memoriesdb.memory_edges enable always trigger _910_queue_update;
comment on trigger _910_queue_update on memoriesdb.memory_edges is
'Asks for a refresh of the graph after UPDATE.';

create or replace trigger _910_queue_delete
after delete on memoriesdb.memory_edges
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memory_edges__queue();
alter table memoriesdb.memory_edges enable always trigger _910_queue_delete;
comment on trigger _910_queue_delete on memoriesdb.memory_edges is
'Asks for a refresh of the graph after DELETE.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memory_edges
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memory_edges enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memory_edges is
'Refuses TRUNCATE, which no row trigger sees.';
