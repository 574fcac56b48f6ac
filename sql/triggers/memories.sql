create or replace trigger _100_stamp
before insert or update on memoriesdb.memories
for each row execute function memoriesdb.tg_memories__stamp();
alter table memoriesdb.memories enable always trigger _100_stamp;
comment on trigger _100_stamp on memoriesdb.memories is
'Fills what users do not, and refuses bad input.';

create or replace trigger _500_held_update
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__held();
alter table memoriesdb.memories enable always trigger _500_held_update;
comment on trigger _500_held_update on memoriesdb.memories is
'Refuses to forget what is under a legal hold.';

create or replace trigger _500_held_delete
after delete on memoriesdb.memories
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memories__held();
alter table memoriesdb.memories enable always trigger _500_held_delete;
comment on trigger _500_held_delete on memoriesdb.memories is
'Refuses to delete what is under a legal hold.';

create or replace trigger _100_require_user
before insert on memoriesdb.memories
for each statement execute function memoriesdb.tg_memories__require_user();
alter table memoriesdb.memories enable always trigger _100_require_user;
comment on trigger _100_require_user on memoriesdb.memories is
'Refuses who may not write, once a statement.';

create or replace trigger _500_require_user_insert
after insert on memoriesdb.memories
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memories__require_user();
alter table memoriesdb.memories enable always trigger _500_require_user_insert;
comment on trigger _500_require_user_insert on memoriesdb.memories is
'Refuses rows that bear another user than the session proves.';

create or replace trigger _500_require_user_update
after update on memoriesdb.memories
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memories__require_user();
alter table memoriesdb.memories enable always trigger _500_require_user_update;
comment on trigger _500_require_user_update on memoriesdb.memories is
'Refuses rows that bear another user than the session proves.';

create or replace trigger _500_require_user_delete
after delete on memoriesdb.memories
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memories__require_user();
alter table memoriesdb.memories enable always trigger _500_require_user_delete;
comment on trigger _500_require_user_delete on memoriesdb.memories is
'Refuses what another user has deleted than the session proves.';

create or replace trigger _500_limit_insert
after insert on memoriesdb.memories
referencing new table as new_rows
for each statement when (current_setting('app.session', true) <> '')
execute function memoriesdb.tg_memories__limit();
alter table memoriesdb.memories enable always trigger _500_limit_insert;
comment on trigger _500_limit_insert on memoriesdb.memories is
'Counts the rows against the limit of the token, if there is a session of one.';

create or replace trigger _500_limit_update
after update on memoriesdb.memories
referencing new table as new_rows
for each statement when (current_setting('app.session', true) <> '')
execute function memoriesdb.tg_memories__limit();
alter table memoriesdb.memories enable always trigger _500_limit_update;
comment on trigger _500_limit_update on memoriesdb.memories is
'Counts the rows against the limit of the token, if there is a session of one.';

create or replace trigger _500_limit_delete
after delete on memoriesdb.memories
referencing old table as old_rows
for each statement when (current_setting('app.session', true) <> '')
execute function memoriesdb.tg_memories__limit();
alter table memoriesdb.memories enable always trigger _500_limit_delete;
comment on trigger _500_limit_delete on memoriesdb.memories is
'Counts the rows against the limit of the token, if there is a session of one.';

create or replace trigger _500_version_update
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__version();
alter table memoriesdb.memories enable always trigger _500_version_update;
comment on trigger _500_version_update on memoriesdb.memories is
'Keeps the former states.';

create or replace trigger _500_version_delete
after delete on memoriesdb.memories
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memories__version();
alter table memoriesdb.memories enable always trigger _500_version_delete;
comment on trigger _500_version_delete on memoriesdb.memories is
'Keeps the last states.';

create or replace trigger _900_audit_insert
after insert on memoriesdb.memories
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memories__audit();
alter table memoriesdb.memories enable always trigger _900_audit_insert;
comment on trigger _900_audit_insert on memoriesdb.memories is
'Audits the rows after INSERT.';

create or replace trigger _900_audit_update
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__audit();
alter table memoriesdb.memories enable always trigger _900_audit_update;
comment on trigger _900_audit_update on memoriesdb.memories is
'Audits the rows after UPDATE.';

create or replace trigger _900_audit_delete
after delete on memoriesdb.memories
referencing old table as old_rows
for each statement execute function memoriesdb.tg_memories__audit();
alter table memoriesdb.memories enable always trigger _900_audit_delete;
comment on trigger _900_audit_delete on memoriesdb.memories is
'Audits the rows after DELETE.';

create or replace trigger _950_limit_trust
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__limit_trust();
alter table memoriesdb.memories enable always trigger _950_limit_trust;
comment on trigger _950_limit_trust on memoriesdb.memories is
'Lowers the trust of what was derived, after the entry about its cause.';

create or replace trigger _910_queue_embedding_insert
after insert on memoriesdb.memories
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memories__queue_embedding();
alter table memoriesdb.memories enable always trigger _910_queue_embedding_insert;
comment on trigger _910_queue_embedding_insert on memoriesdb.memories is
'Queues new texts.';

create or replace trigger _910_queue_embedding_update
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__queue_embedding();
alter table memoriesdb.memories enable always trigger _910_queue_embedding_update;
comment on trigger _910_queue_embedding_update on memoriesdb.memories is
'Queues changed texts.';

create or replace trigger _910_queue_graph
after update on memoriesdb.memories
referencing old table as old_rows new table as new_rows
for each statement execute function memoriesdb.tg_memories__queue_graph();
alter table memoriesdb.memories enable always trigger _910_queue_graph;
comment on trigger _910_queue_graph on memoriesdb.memories is
'Asks for a refresh where the graph shows the change.';

create or replace trigger _900_refuse_truncate
before truncate on memoriesdb.memories
for each statement execute function memoriesdb.tg_refuse_truncate();
alter table memoriesdb.memories enable always trigger _900_refuse_truncate;
comment on trigger _900_refuse_truncate on memoriesdb.memories is
'Refuses TRUNCATE, which no row trigger sees.';

create or replace trigger _500_search_insert
after insert on memoriesdb.memories
referencing new table as new_rows
for each statement execute function memoriesdb.tg_memories__search_insert();
alter table memoriesdb.memories enable always trigger _500_search_insert;
comment on trigger _500_search_insert on memoriesdb.memories is
'Enters new memories into the search structures.';

create or replace trigger _500_search_update
after update on memoriesdb.memories
for each row
when (
  new.search is distinct from old.search or new.forgotten_at is distinct from old.forgotten_at
)
execute function memoriesdb.tg_memories__search_remove();
alter table memoriesdb.memories enable always trigger _500_search_update;
comment on trigger _500_search_update on memoriesdb.memories is
'Takes what is forgotten or has another text out of the search structures.';

create or replace trigger _500_search_delete
after delete on memoriesdb.memories
for each row execute function memoriesdb.tg_memories__search_remove();
alter table memoriesdb.memories enable always trigger _500_search_delete;
comment on trigger _500_search_delete on memoriesdb.memories is
'Takes what is deleted out of the search structures.';

create or replace trigger _510_search_change
after update on memoriesdb.memories
for each row
when (
  new.search is distinct from old.search or new.forgotten_at is distinct from old.forgotten_at
  or new.kind <> old.kind or new.stream is distinct from old.stream
  or new.metadata -> 'speaker' is distinct from old.metadata -> 'speaker'
  or new.occurred_at <> old.occurred_at or new.expires_at is distinct from old.expires_at
  or new.importance <> old.importance or new.trust <> old.trust
)
execute function memoriesdb.tg_memories__search_change();
alter table memoriesdb.memories enable always trigger _510_search_change;
comment on trigger _510_search_change on memoriesdb.memories is
'Enters a changed memory into the search structures again.';
