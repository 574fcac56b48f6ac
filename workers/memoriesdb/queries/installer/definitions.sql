-- What the catalogue says of every object of MemoriesDB, with a hash of its definition, owner and
-- privileges.
with relation as (
  select c.*, n.nspname
  from pg_catalog.pg_class as c
  inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
  where
    n.nspname in ('memoriesdb', 'memoriesdb_system')
    and c.relname <> 'alembic_version'
),

definition (kind, identity, parts) as (
  select
    'function',
    pg_catalog.format(
      '%s.%s(%s)', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)
    ),
    array[
      pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
      l.lanname, p.prosrc, p.prosecdef::text, p.provolatile::text, p.proparallel::text,
      p.proisstrict::text, p.proleakproof::text, p.procost::text, p.proconfig::text,
      p.proowner::regrole::text,
      (
        select pg_catalog.string_agg(a::text, ',' order by a::text)
        from pg_catalog.unnest(
          coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))
        ) as a
      )
    ]
  from pg_catalog.pg_proc as p
  inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
  inner join pg_catalog.pg_language as l on p.prolang = l.oid
  where n.nspname in ('memoriesdb', 'memoriesdb_system')
  union all
  select
    case r.relkind
      when 'v'
        then 'view'
      when 'm' then 'materialized view' when 'S' then 'sequence' when 'c' then 'type'
      else 'table'
    end,
    pg_catalog.format('%s.%s', r.nspname, r.relname),
    array[
      r.relowner::regrole::text, pg_catalog.pg_get_expr(r.relpartbound, r.oid),
      r.relrowsecurity::text, r.relforcerowsecurity::text, r.relpersistence::text,
      (select pg_catalog.string_agg(o, ',' order by o) from pg_catalog.unnest(r.reloptions) as o),
      (
        select pg_catalog.string_agg(a::text, ',' order by a::text)
        from pg_catalog.unnest(
          coalesce(
            r.relacl,
            pg_catalog.acldefault(case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner)
          )
        ) as a
        -- What an operator has pgaudit log: a right to nothing, since no policy lets it see a row.
        where a::text not like 'memoriesdb\_pgaudit=r/%'
      ), case when r.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(r.oid) end,
      (
        select
          pg_catalog.string_agg(
            pg_catalog.concat_ws(
              ' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
              a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
              (
                select pg_catalog.string_agg(x::text, ',' order by x::text)
                from pg_catalog.unnest(a.attacl) as x
              )
            ), ';' order by a.attnum
          )
        from pg_catalog.pg_attribute as a
        left join pg_catalog.pg_attrdef as d on a.attrelid = d.adrelid and a.attnum = d.adnum
        where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and r.relkind <> 'S'
      )
    ]
  from relation as r
  where r.relkind in ('r', 'p', 'v', 'm', 'S', 'c')
  union all
  select
    'index', pg_catalog.format('%s on %s.%s', x.relname, r.nspname, r.relname),
    array[pg_catalog.pg_get_indexdef(i.indexrelid), i.indisvalid::text]
  from pg_catalog.pg_index as i
  inner join pg_catalog.pg_class as x on i.indexrelid = x.oid
  inner join relation as r on i.indrelid = r.oid
  -- The vindexing worker builds and drops these: no part of a release, as long as each says what
  -- the worker makes it say and nothing else.
  where not coalesce((
    select
      pg_catalog.replace(
        pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.quote_ident(s.nspname) || '.', ''
      )
      ~ (
        '^CREATE INDEX memory_embeddings_nearest_[0-9]+_idx ON (memoriesdb\.)?memory_embeddings '
        'USING hnsw \(\(\(embedding\)::halfvec\([0-9]+\)\) halfvec_cosine_ops\) '
        'WITH \(m=''[0-9]+'', ef_construction=''[0-9]+''\) '
        'WHERE \(\(owner_id = ''[0-9a-f-]{36}''::uuid\) '
        'AND \(model_id = ''[0-9a-f-]{36}''::uuid\) '
        'AND \(doc <= (''[0-9]+''::bigint|[0-9]+)\) '
        'AND \(vector_dims\(embedding\) = [0-9]+\)\)$'
      )
    from pg_catalog.pg_extension as e
    inner join pg_catalog.pg_namespace as s on e.extnamespace = s.oid
    where e.extname = 'vector'
  ), false)
  union all
  select
    'constraint', pg_catalog.format('%s on %s.%s', c.conname, r.nspname, r.relname),
    array[pg_catalog.pg_get_constraintdef(c.oid), c.convalidated::text]
  from pg_catalog.pg_constraint as c
  inner join relation as r on c.conrelid = r.oid
  union all
  select
    'trigger', pg_catalog.format('%s on %s.%s', t.tgname, r.nspname, r.relname),
    array[pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled::text]
  from pg_catalog.pg_trigger as t
  inner join relation as r on t.tgrelid = r.oid
  where not t.tgisinternal
  union all
  select
    'policy', pg_catalog.format('%s on %s.%s', p.polname, r.nspname, r.relname),
    array[
      p.polcmd::text, p.polpermissive::text,
      (
        select pg_catalog.string_agg(x::regrole::text, ',' order by x::regrole::text)
        from pg_catalog.unnest(p.polroles) as x
      ),
      pg_catalog.pg_get_expr(p.polqual, p.polrelid),
      pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
    ]
  from pg_catalog.pg_policy as p
  inner join relation as r on p.polrelid = r.oid
  union all
  select
    'rule', pg_catalog.format('%s on %s.%s', w.rulename, r.nspname, r.relname),
    array[pg_catalog.pg_get_ruledef(w.oid), w.ev_enabled::text]
  from pg_catalog.pg_rewrite as w
  inner join relation as r on w.ev_class = r.oid
  where w.rulename <> '_RETURN'
  union all
  select
    'schema', n.nspname::text,
    array[
      n.nspowner::regrole::text,
      (
        select pg_catalog.string_agg(a::text, ',' order by a::text)
        from pg_catalog.unnest(
          coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))
        ) as a
      )
    ]
  from pg_catalog.pg_namespace as n
  where n.nspname in ('memoriesdb', 'memoriesdb_system')
)

select
  d.kind, d.identity,
  pg_catalog.sha256(
    pg_catalog.convert_to(pg_catalog.array_to_json(d.parts)::text, 'UTF8')
  ) as sha256
from definition as d;
