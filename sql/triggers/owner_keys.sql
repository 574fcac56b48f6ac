create or replace trigger _500_held
after update or delete on memoriesdb.owner_keys
for each row execute function memoriesdb.tg_owner_keys__held();
alter table memoriesdb.owner_keys enable always trigger _500_held;
comment on trigger _500_held on memoriesdb.owner_keys is
'Refuses to make unreadable what is under a legal hold.';

create or replace trigger _900_audit
after insert or update or delete on memoriesdb.owner_keys
for each row execute function memoriesdb.tg_audit_rows(
  'owner_id', '', 'owner_id,key_id', 'wrapped_key'
);
alter table memoriesdb.owner_keys enable always trigger _900_audit;
comment on trigger _900_audit on memoriesdb.owner_keys is
'Audits the rows.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.owner_keys
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.owner_keys enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.owner_keys is
'Refuses TRUNCATE, which no row trigger sees.';
