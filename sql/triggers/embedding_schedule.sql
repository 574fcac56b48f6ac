create or replace trigger _100_line_up
before insert on memoriesdb.embedding_schedule
for each row
when (new.turn is null and new.worker is null and new.dead_at is null)
execute function memoriesdb.tg_embedding_schedule__line_up();
alter table memoriesdb.embedding_schedule enable always trigger _100_line_up;
comment on trigger _100_line_up on memoriesdb.embedding_schedule is
'Puts a new job in line, at the end of its owner''s.';

-- A backfill that is overtaken by the writer of the memory, or put back.
create or replace trigger _110_change_line
before update of priority on memoriesdb.embedding_schedule
for each row
when (new.turn is not null and (old.priority < 100) is distinct from (new.priority < 100))
execute function memoriesdb.tg_embedding_schedule__line_up();
alter table memoriesdb.embedding_schedule enable always trigger _110_change_line;
comment on trigger _110_change_line on memoriesdb.embedding_schedule is
'Puts a job whose priority has changed in the line of that priority.';
