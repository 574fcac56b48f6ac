create or replace trigger _900_refuse_change
before update or delete on memoriesdb.ledger_leaves
for each row execute function memoriesdb.tg_refuse_change();
alter table memoriesdb.ledger_leaves enable always trigger _900_refuse_change;
comment on trigger _900_refuse_change on memoriesdb.ledger_leaves is
'Append-only.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.ledger_leaves
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.ledger_leaves enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.ledger_leaves is
'Refuses TRUNCATE, which no row trigger sees.';
