create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.search_counts
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.search_counts enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.search_counts is
'Refuses TRUNCATE: nothing would write the rows again.';
