create or replace trigger _900_audit
after insert or update or delete on memoriesdb.memory_holds
for each row execute function memoriesdb.tg_audit_rows('owner_id', 'memory_id', 'id', '');
alter table memoriesdb.memory_holds enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.memory_holds is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memory_holds
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memory_holds enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memory_holds is
'Refuses TRUNCATE, which no row trigger sees.';
