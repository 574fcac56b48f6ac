create or replace trigger _900_audit
after insert or update or delete on memoriesdb.service_assignments
for each row execute function memoriesdb.tg_audit_rows(
  'user_id', 'service_id', 'service_id,user_id', ''
);
alter table memoriesdb.service_assignments enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.service_assignments is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.service_assignments
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.service_assignments enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.service_assignments is
'Refuses TRUNCATE, which no row trigger sees.';
