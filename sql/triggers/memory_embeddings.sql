create or replace trigger _900_audit_insert
after insert on memoriesdb.memory_embeddings
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memory_embeddings__audit();
alter table memoriesdb.memory_embeddings enable always trigger _900_audit_insert;
comment on trigger _900_audit_insert on memoriesdb.memory_embeddings is
'Audits the rows by model and hash after INSERT.';

create or replace trigger _900_audit_update
after update on memoriesdb.memory_embeddings
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memory_embeddings__audit();
alter table memoriesdb.memory_embeddings enable always trigger _900_audit_update;
comment on trigger _900_audit_update on memoriesdb.memory_embeddings is
'Audits the rows by model and hash after UPDATE.';

create or replace trigger _900_audit_delete
after delete on memoriesdb.memory_embeddings
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memory_embeddings__audit();
alter table memoriesdb.memory_embeddings enable always trigger _900_audit_delete;
comment on trigger _900_audit_delete on memoriesdb.memory_embeddings is
'Audits the rows by model and hash after DELETE.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memory_embeddings
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memory_embeddings enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memory_embeddings is
'Refuses TRUNCATE, which no row trigger sees.';
