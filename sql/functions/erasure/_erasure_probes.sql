-- Parameters of the conditions: $1 memory ids and $2 hashes (keys of a JSON object), $3 the text,
-- $4 the text as a JSON string holds it, $5 its words, $6 the owner.
create or replace function memoriesdb._erasure_probes(is_user boolean)
returns table (table_name name, column_name name, what text, condition text)
language sql
stable
parallel safe
security invoker -- called by erasure_check() alone
set search_path = pg_catalog, pg_temp
as $function$
  with kept as (
    select
      c.relname, a.attname, t.typname, regexp_replace(c.relname, '_([0-9]{6}|default)$', '') as log,
      exists (
        select from pg_catalog.pg_attribute as o
        where o.attrelid = c.oid and o.attname = 'owner_id' and not o.attisdropped
      ) as has_owner,
      case when c.relname ~ '^audit_payloads'
        then ' and not coalesce(t.after ? ''content_commitments'', false)' else ''
      end as is_no_receipt,
      case
        when t.typname = 'bytea' then format('encode(t.%I, ''hex'')', a.attname)
        -- What stays: where a copy comes from, and that it was taken.
        when c.relname ~ '^audit_payloads' and t.typname = 'jsonb'
          then format('(t.%I - array[''origin_id'', ''copy_id''])::text', a.attname)
        when t.typcategory = 'A' then format('array_to_string(t.%I, '' '')', a.attname)
        else format('t.%I::text', a.attname)
      end as as_text,
      -- One id or hash as a whole, or wherever it stands in a longer text.
      case when t.typname in ('uuid', 'bytea') then 'jsonb_exists($%1$s, %2$s)'
        else 'case when length(%2$s) < 36 then false else jsonb_exists_any($%1$s, array('
          'select m[1] from regexp_matches(lower(%2$s), ''[0-9a-f]{64}|'
          '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'', ''g'') as m)) end'
      end as names_any
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    join pg_catalog.pg_type as t on t.oid = a.atttypid
    where c.relnamespace = 'memoriesdb'::regnamespace and c.relkind in ('r', 'm')
      and c.relispopulated and a.attnum > 0 and not a.attisdropped
      -- Numbers, times and flags name nothing, and a vector is found by the id and the hash beside
      -- it.
      and t.typcategory not in ('N', 'D', 'T', 'B') and t.typname not in ('vector', 'halfvec')
      and has_table_privilege(c.oid, 'select')
  ),

  probe as (
    select k.*, 'memory id' as what, case
      -- Entries of the ledger, accesses, what a retry must not keep again, and where a copy says
      -- what it was made of: ids alone.
      when (k.log, k.attname) in (
        ('audit_log', 'row_id'), ('audit_log', 'row_key'), ('access_log', 'memory_ids'),
        ('idempotency_keys', 'memory_ids'), ('memories', 'origin_id')
      ) then null
      else format(k.names_any, 1, k.as_text) || k.is_no_receipt
    end as condition
    from kept as k
    union all
    select k.*, 'hash of a text', format(k.names_any, 2, k.as_text)
    from kept as k
    where k.typname not in ('uuid', '_uuid')
    union all
    select k.*, 'text', case k.typname
      when 'bytea' then format('position(convert_to($3, ''UTF8'') in t.%I) > 0', k.attname)
      when 'tsvector' then format('tsvector_to_array(t.%I) = $5', k.attname)
      else format(
        'strpos(lower(%1$s), lower($3)) > 0 or strpos(lower(%1$s), lower($4)) > 0', k.as_text
      )
    end
    from kept as k
    where k.typname not in ('uuid', '_uuid')
    union all
    -- A column, or a string in one: nothing that is spelt out letter by letter.
    select k.*, 'whole text', case k.typname
      when 'bytea' then format('t.%I = convert_to($3, ''UTF8'')', k.attname)
      else format(
        'jsonb_path_exists(to_jsonb(t.%I), ''$.** ? (@ == $text)'', '
        'jsonb_build_object(''text'', $3))', k.attname
      )
    end
    from kept as k
    where k.typname not in ('uuid', '_uuid', 'tsvector')
    union all
    -- Whose something is, or was shared with; who has made, changed or given it may be named.
    select k.*, 'user id', format('t.%I = $6', k.attname) || k.is_no_receipt
    from kept as k
    where is_user and k.typname = 'uuid' and k.log <> 'audit_log'
      and (k.log, k.attname) <> ('access_log', 'owner_id')
      and (k.attname in ('owner_id', 'user_id', 'grantee_id', 'service_id')
        or (k.log, k.attname) = ('users', 'id'))
  )

  -- Of hashes and texts it matters whose they are: another user may have the same.
  select p.relname, p.attname, p.what || s.suffix, s.whose || '(' || p.condition || ')'
  from probe as p
  cross join lateral (
    values ('', case
      when p.what in ('memory id', 'user id') then '' when p.has_owner then 't.owner_id = $6 and '
    end),
    (' of others', case
      when p.what not in ('memory id', 'user id') and p.has_owner then 't.owner_id <> $6 and '
    end),
    (' of nobody', case
      when p.what in ('memory id', 'user id') then null
      when p.has_owner then 't.owner_id is null and ' else ''
    end)
  ) as s (suffix, whose)
  where p.condition is not null and s.whose is not null;
$function$;

alter function memoriesdb._erasure_probes(boolean) owner to memoriesdb_owner;
revoke all on function memoriesdb._erasure_probes(boolean) from public;
comment on function memoriesdb._erasure_probes(boolean) is
'What erasure_check() looks for in every column of every table, partition and materialized view of '
'this schema: conditions over the catalogue''s own names.';
