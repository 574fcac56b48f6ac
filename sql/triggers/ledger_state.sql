create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.ledger_state
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.ledger_state enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.ledger_state is
'Refuses TRUNCATE, which no row trigger sees.';
