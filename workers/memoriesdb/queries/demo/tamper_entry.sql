-- What only a superuser can do: write another user into an entry of the audit log. The demo shows that it is found out.
begin;
alter table memoriesdb.audit_log disable trigger _900_refuse_change;
update memoriesdb.audit_log set user_id = {user_id} where audit_id = {audit_id};
alter table memoriesdb.audit_log enable always trigger _900_refuse_change;
commit;
