-- Entries and leaves are in the same order. As many as are strange between two entries that fit,
-- and have leaves to go with them, were changed; the others were added or removed.
create or replace function memoriesdb._compare_block(
  block_no bigint, root bytea, leaves bytea, audit_ids bigint[], archived_count bigint
)
returns table (audit_id bigint, problem text, detail text)
language plpgsql
stable
parallel safe
security invoker -- only the definer's functions may call it
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_sealed bytea := (
    select l.leaves || ''::bytea from memoriesdb.ledger_leaves as l
    where l.block_no = _compare_block.block_no
  );
  v_count integer := octet_length(v_sealed) / 32;
  v_places integer[];
  v_place integer;
  v_next integer := 0;
  v_former bigint;
  v_strange bigint[] := '{}'::bigint[];
  v_missing bigint := 0::bigint;
begin
  if memoriesdb._merkle_root(v_sealed) is distinct from root then
    -- Leaves that are not genuine name nobody.
    if archived_count = 0 and memoriesdb._merkle_root(leaves) <> root then
      problem := 'entries do not make up the root of the block';
      detail := 'Which of them cannot be told: the leaves that were kept are not genuine either.';
      return next;
    end if;
    return;
  end if;
  -- For each entry the place of its leaf; a copy of an entry has none.
  v_places := array(
    select s.place
    from (
      select i, substr(leaves, i * 32 + 1, 32) as leaf,
        row_number() over (partition by substr(leaves, i * 32 + 1, 32) order by i) as copy
      from generate_series(0, cardinality(audit_ids) - 1) as i
    ) as e
    left join (
      select i as place, substr(v_sealed, i * 32 + 1, 32) as leaf
      from generate_series(0, v_count - 1) as i
    ) as s on s.leaf = e.leaf and e.copy = 1
    order by e.i
  );
  for i in 1 .. cardinality(audit_ids) + 1 loop
    v_place := case when i > cardinality(audit_ids) then v_count else v_places[i] end;
    if v_place is null then
      v_strange := v_strange || audit_ids[i];
      continue;
    end if;
    while v_next < v_place loop
      audit_id := v_strange[1];
      v_strange := v_strange[2:];
      problem := case when audit_id is null then 'entry is missing' else 'entry was changed' end;
      detail := format('Leaf %s of %s of its block, after entry %s.',
        v_next + 1, v_count, coalesce(v_former::text, 'none'));
      v_missing := v_missing + (audit_id is null)::integer;
      if audit_id is not null or archived_count = 0 then
        return next;
      end if;
      v_next := v_next + 1;
    end loop;
    detail := 'It came into the range of the block after that was sealed.';
    problem := 'entry was not sealed';
    foreach audit_id in array v_strange loop
      return next;
    end loop;
    v_strange := '{}'::bigint[];
    v_next := v_place + 1;
    v_former := audit_ids[i];
  end loop;
  if archived_count > 0 and v_missing <> archived_count then
    audit_id := null;
    problem := 'entries are missing besides those archived';
    detail := format('%s are missing, and the archives hold %s.', v_missing, archived_count);
    return next;
  end if;
end;
$function$;

alter function memoriesdb._compare_block(bigint, bytea, bytea, bigint[], bigint)
owner to memoriesdb_definer;
revoke all on function memoriesdb._compare_block(bigint, bytea, bytea, bigint[], bigint)
from public;
comment on function memoriesdb._compare_block(bigint, bytea, bytea, bigint[], bigint) is
'Names the entries by which a block differs from what it sealed: those that were changed, removed '
'or added. leaves and audit_ids are those of the entries that are there, in order.';
