create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.idempotency_keys
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.idempotency_keys enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.idempotency_keys is
'Refuses TRUNCATE: retries would be kept twice.';
