create or replace trigger _900_audit
after insert or update or delete on memoriesdb.settings
for each row execute function memoriesdb.tg_audit_rows('', '', 'key', 'description');
alter table memoriesdb.settings enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.settings is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.settings
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.settings enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.settings is
'Refuses TRUNCATE, which no row trigger sees.';
