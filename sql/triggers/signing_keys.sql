-- The owner has no right on this table but that of giving itself one.
grant trigger on memoriesdb.signing_keys to memoriesdb_owner;

create or replace trigger _900_audit
after insert or update or delete on memoriesdb.signing_keys
for each row execute function memoriesdb.tg_audit_rows('', '', 'id', 'key');
alter table memoriesdb.signing_keys enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.signing_keys is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.signing_keys
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.signing_keys enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.signing_keys is
'Refuses TRUNCATE, which no row trigger sees.';

revoke trigger on memoriesdb.signing_keys from memoriesdb_owner;
