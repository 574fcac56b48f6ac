create or replace trigger _900_refuse_change
before update or delete on memoriesdb.access_log
for each row execute function memoriesdb.tg_refuse_change_but_erasure();
alter table memoriesdb.access_log enable always trigger _900_refuse_change;
comment on trigger _900_refuse_change on memoriesdb.access_log is
'Append-only; erasure alone removes.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.access_log
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.access_log enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.access_log is
'Refuses TRUNCATE, which no row trigger sees.';
