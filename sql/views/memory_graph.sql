-- Materialized views cannot have row-level security: nobody has rights on the slices, and everybody
-- reads this view, which shows each user his own edges. Slices by hash of the owner, so that a
-- refresh costs what its slice holds. The gate comes before conditions of the reader's own, as in
-- the policies: see _gate_equal().
drop view if exists memoriesdb.memory_graph;

do $block$
declare
  v_slice name;
  v_branches text[] := '{}';
begin
  for i in 0 .. 15 loop
    v_slice := pg_catalog.format('_memory_graph_%s', pg_catalog.lpad(i::text, 2, '0'));
    execute pg_catalog.format('drop materialized view if exists memoriesdb.%I', v_slice);
    execute pg_catalog.format($view$
      create materialized view memoriesdb.%I as
      select
        e.owner_id, e.source_id, e.target_id, e.relation, e.weight, e.metadata, e.created_at,
        s.kind as source_kind, t.kind as target_kind
      from memoriesdb.memory_edges as e
      join memoriesdb.memories as s
        on s.owner_id = e.owner_id and s.id = e.source_id and s.forgotten_at is null
      join memoriesdb.memories as t
        on t.owner_id = e.owner_id and t.id = e.target_id and t.forgotten_at is null
      where memoriesdb._graph_slice(e.owner_id) = %s
      with no data
    $view$, v_slice, i);
    execute pg_catalog.format(
      'alter materialized view memoriesdb.%I owner to memoriesdb_owner', v_slice
    );
    execute pg_catalog.format('revoke all on memoriesdb.%I from public', v_slice);
    -- As in the tables: estimates would tell what others have written.
    execute pg_catalog.format(
      'alter materialized view memoriesdb.%I alter column relation set statistics 0, '
      'alter column metadata set statistics 0, alter column source_kind set statistics 0, '
      'alter column target_kind set statistics 0', v_slice
    );
    execute pg_catalog.format(
      'create unique index on memoriesdb.%I (owner_id, source_id, target_id, relation)', v_slice
    );
    execute pg_catalog.format('create index on memoriesdb.%I (owner_id, target_id)', v_slice);
    execute pg_catalog.format('comment on materialized view memoriesdb.%I is %L', v_slice,
      pg_catalog.format('Slice %s of memory_graph. Read it through the view.', i));
    v_branches := v_branches || pg_catalog.format('select * from memoriesdb.%I', v_slice);
  end loop;
  execute pg_catalog.format($view$
    create view memoriesdb.memory_graph with (security_barrier) as
    select
      g.owner_id, g.source_id, g.target_id, g.relation, g.weight, g.metadata, g.created_at,
      g.source_kind, g.target_kind
    from (%s) as g
    where memoriesdb._gate_equal(g.owner_id, (select memoriesdb._user_with_scope('read')))
      and g.owner_id = (select memoriesdb._user_with_scope('read'))
  $view$, pg_catalog.array_to_string(v_branches, ' union all '));
end;
$block$;

alter view memoriesdb.memory_graph owner to memoriesdb_owner;
comment on view memoriesdb.memory_graph is
'One''s own edges between memories that are not forgotten, as of the last refresh of their slice '
'by the vindexing worker.';
comment on column memoriesdb.memory_graph.owner_id is
'Owner of both memories: the user of this transaction.';
comment on column memoriesdb.memory_graph.source_id is 'memories.id the edge leaves.';
comment on column memoriesdb.memory_graph.target_id is 'memories.id the edge enters.';
comment on column memoriesdb.memory_graph.relation is 'What the edge means.';
comment on column memoriesdb.memory_graph.weight is '0 to 1.';
comment on column memoriesdb.memory_graph.metadata is 'A JSON object.';
comment on column memoriesdb.memory_graph.created_at is 'When they were linked.';
comment on column memoriesdb.memory_graph.source_kind is 'memories.kind of the source.';
comment on column memoriesdb.memory_graph.target_kind is 'memories.kind of the target.';
