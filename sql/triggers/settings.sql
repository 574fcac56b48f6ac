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

create or replace trigger _500_limit_tokens
after update of value on memoriesdb.settings
for each row
when (
  old.key in ('token_writes_per_minute', 'token_recalls_per_minute') and old.value <> new.value
)
execute function memoriesdb.tg_settings__limit_tokens();
alter table memoriesdb.settings enable always trigger _500_limit_tokens;
comment on trigger _500_limit_tokens on memoriesdb.settings is
'Keeps a sequence for each token and limit while the limit is on.';
