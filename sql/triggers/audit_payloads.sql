create or replace trigger _900_refuse_change
before update or delete on memoriesdb.audit_payloads
for each row execute function memoriesdb.tg_refuse_change_but_erasure();
alter table memoriesdb.audit_payloads enable always trigger _900_refuse_change;
comment on trigger _900_refuse_change on memoriesdb.audit_payloads is
'Append-only; erasure alone removes.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.audit_payloads
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.audit_payloads enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.audit_payloads is
'Refuses TRUNCATE, which no row trigger sees.';

-- A statement trigger is not cloned to partitions; maintain_audit_partitions() makes it for those
-- that it makes.
create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.audit_payloads_default
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.audit_payloads_default enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.audit_payloads_default is
'Refuses TRUNCATE, which no row trigger sees.';
