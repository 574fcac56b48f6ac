create or replace trigger _900_audit
after insert or update or delete on memoriesdb.users
for each row execute function memoriesdb.tg_audit_rows('id', 'id', 'id', '');
alter table memoriesdb.users enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.users is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.users
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.users enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.users is
'Refuses TRUNCATE, which no row trigger sees.';
