create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memory_versions
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memory_versions enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memory_versions is
'Refuses TRUNCATE, which no row trigger sees.';
