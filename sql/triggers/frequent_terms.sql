create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.frequent_terms
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.frequent_terms enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.frequent_terms is
'Refuses TRUNCATE: nothing would write the rows again.';
