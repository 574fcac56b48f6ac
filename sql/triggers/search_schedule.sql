create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.search_schedule
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.search_schedule enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.search_schedule is
'Refuses TRUNCATE: nothing would write the rows again.';
