create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.api_token_uses
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.api_token_uses enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.api_token_uses is
'Refuses TRUNCATE, which no row trigger sees.';
