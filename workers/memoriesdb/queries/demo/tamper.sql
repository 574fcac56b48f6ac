-- What only a superuser can do: change a text with the triggers off. The demo shows that it is found out.
begin;
alter table memoriesdb.memories disable trigger _100_stamp;
alter table memoriesdb.memories disable trigger _500_require_user_update;
alter table memoriesdb.memories disable trigger _500_version_update;
alter table memoriesdb.memories disable trigger _900_audit_update;
update memoriesdb.memories
set content = {content}, content_hash = pg_catalog.sha256(pg_catalog.convert_to({content}, 'UTF8'))
where id = {memory_id};
alter table memoriesdb.memories enable always trigger _100_stamp;
alter table memoriesdb.memories enable always trigger _500_require_user_update;
alter table memoriesdb.memories enable always trigger _500_version_update;
alter table memoriesdb.memories enable always trigger _900_audit_update;
commit;
