create or replace trigger _900_audit
after insert or update or delete on memoriesdb.embedding_models
for each row execute function memoriesdb.tg_audit_rows('', 'id', 'id', '');
alter table memoriesdb.embedding_models enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.embedding_models is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.embedding_models
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.embedding_models enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.embedding_models is
'Refuses TRUNCATE, which no row trigger sees.';
