create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memory_documents
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memory_documents enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memory_documents is
'Refuses TRUNCATE: nothing would write the rows again.';
