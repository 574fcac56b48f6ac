-- Who may see what, said once more and in another way than the policies do. The superuser's settings
-- model.reader, model.writer, model.self and model.admin say for whom.
create schema model;

create view model.memories with (security_barrier) as
select m.* from memoriesdb.memories as m
where m.owner_id::text = current_setting('model.reader')
  or exists (
    select from memoriesdb.memory_grants as g
    where g.owner_id = m.owner_id and g.memory_id = m.id
      and g.grantee_id::text = current_setting('model.reader')
      and coalesce(g.expires_at > clock_timestamp(), true)
  );

create view model.writable with (security_barrier) as
select m.* from model.memories as m
where m.owner_id::text = current_setting('model.writer')
  or exists (
    select from memoriesdb.memory_grants as g
    where g.owner_id = m.owner_id and g.memory_id = m.id and g.privilege = 'write'
      and g.grantee_id::text = current_setting('model.writer')
      and coalesce(g.expires_at > clock_timestamp(), true)
  );

create view model.memory_embeddings with (security_barrier) as
select e.* from memoriesdb.memory_embeddings as e
where (e.owner_id, e.memory_id) in (select m.owner_id, m.id from model.memories as m);

create view model.memory_versions with (security_barrier) as
select v.* from memoriesdb.memory_versions as v
where v.owner_id::text = current_setting('model.reader');

create view model.memory_edges with (security_barrier) as
select e.* from memoriesdb.memory_edges as e
where e.owner_id::text = current_setting('model.reader');

create view model.memory_grants with (security_barrier) as
select g.* from memoriesdb.memory_grants as g
where current_setting('model.reader') in (g.owner_id::text, g.grantee_id::text);

create view model.memory_graph with (security_barrier) as
select e.owner_id, e.source_id, e.target_id, e.relation, e.weight
from memoriesdb.memory_edges as e
where e.owner_id::text = current_setting('model.reader')
  and (
    select count(*) from memoriesdb.memories as m
    where m.owner_id = e.owner_id and m.id in (e.source_id, e.target_id)
      and m.forgotten_at is null
  ) = 2;

create view model.audit_log with (security_barrier) as
select a.* from memoriesdb.audit_log as a
where a.owner_id::text = current_setting('model.reader');

create view model.audit_payloads with (security_barrier) as
select p.* from memoriesdb.audit_payloads as p
where p.owner_id::text = current_setting('model.reader');

create view model.access_log with (security_barrier) as
select a.* from memoriesdb.access_log as a
where current_setting('model.reader') in (a.user_id::text, a.owner_id::text);

create view model.memory_holds with (security_barrier) as
select h.* from memoriesdb.memory_holds as h
where h.owner_id::text = current_setting('model.reader') or current_setting('model.admin') = 'yes';

create view model.users with (security_barrier) as
select u.* from memoriesdb.users as u
where u.id::text = current_setting('model.self') or current_setting('model.admin') = 'yes';

create view model.api_tokens with (security_barrier) as
select t.* from memoriesdb.api_tokens as t
where t.user_id::text = current_setting('model.reader') or current_setting('model.admin') = 'yes';

create view model.service_assignments with (security_barrier) as
select s.* from memoriesdb.service_assignments as s
where current_setting('model.reader') in (s.service_id::text, s.user_id::text)
  or current_setting('model.admin') = 'yes';
