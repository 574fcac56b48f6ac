create or replace trigger _900_audit
after insert or update or delete on memoriesdb.api_tokens
for each row execute function memoriesdb.tg_audit_rows('user_id', 'id', 'id', 'token_hash');
alter table memoriesdb.api_tokens enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.api_tokens is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.api_tokens
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.api_tokens enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.api_tokens is
'Refuses TRUNCATE, which no row trigger sees.';
