-- Owned by memoriesdb_owner, who sees every table and the slices of memory_graph. Names come from
-- the catalogue alone, and what is sought are parameters.
create or replace function memoriesdb.erasure_check(receipt jsonb, text text default null)
returns table (table_name name, column_name name, "rows" bigint, what text)
language plpgsql
volatile
parallel unsafe
security definer -- looks into every table
set search_path = pg_catalog, pg_temp
as $function$
declare
  -- Whoever manages or audits is told of everybody's rows, in numbers.
  v_sees_all boolean := pg_has_role(session_user, 'memoriesdb_admin', 'MEMBER')
    or pg_has_role(session_user, 'memoriesdb_auditor', 'MEMBER')
    or memoriesdb._user_with_scope('admin') is not null;
  v_whats text;
  v_table record;
  v_counts bigint[];
begin
  if not v_sees_all then
    perform memoriesdb._require_scope('read');
  end if;
  perform memoriesdb._check_receipt(receipt);
  -- Not for any text, and yet anybody can make a receipt of any: of a part of a text only those
  -- are told who may read the whole.
  v_whats := case
    when pg_has_role(session_user, 'memoriesdb_owner', 'MEMBER') then '^(hash of a )?text'
    when v_sees_all then '^hash of a text|^whole text( of nobody)?$'
    when memoriesdb._user_with_scope('read')::text = receipt ->> 'owner_id'
      then '^(hash of a )?text$'
    else '^(hash of a|whole) text$'
  end;
  if erasure_check.text is not null and not jsonb_exists(
    receipt -> 'content_hashes', encode(sha256(convert_to(erasure_check.text, 'UTF8')), 'hex')
  ) then
    raise exception 'this text was not erased with this receipt' using
      errcode = 'MD412',
      detail = 'Its hash is none of content_hashes.',
      hint = 'Give a whole text as it was stored, without a line feed at its end that was not.';
  end if;
  if v_sees_all then
    perform memoriesdb._log_erasure_check(receipt, erasure_check.text is not null);
  end if;
  for v_table in
    select
      p.table_name as name, array_agg(p.column_name order by p.column_name, p.what) as columns,
      array_agg(p.what order by p.column_name, p.what) as whats,
      string_agg(
        format('count(*) filter (where %s)', p.condition), ', ' order by p.column_name, p.what
      ) as counts
    from memoriesdb._erasure_probes(receipt ->> 'subject' = 'user') as p
    where p.what ~ (' id$|' || v_whats)
      and (erasure_check.text is not null or p.what !~ '^(whole )?text')
    group by p.table_name
    order by p.table_name
  loop
    execute format('select array[%s] from memoriesdb.%I as t', v_table.counts, v_table.name)
    into v_counts
    using
      (select jsonb_object_agg(i, 0) from jsonb_array_elements_text(receipt -> 'memory_ids') as i),
      (select jsonb_object_agg(h, 0) from jsonb_array_elements_text(
        receipt -> 'content_hashes') as h),
      erasure_check.text, trim('"' from to_jsonb(erasure_check.text)::text),
      tsvector_to_array(memoriesdb._search_vector(erasure_check.text)),
      (receipt ->> 'owner_id')::uuid;
    return query
    select v_table.name, c.name, c.count, c.what
    from unnest(v_table.columns, v_counts, v_table.whats) as c (name, count, what)
    where c.count > 0;
  end loop;
end;
$function$;

alter function memoriesdb.erasure_check(jsonb, text) owner to memoriesdb_owner;
revoke all on function memoriesdb.erasure_check(jsonb, text) from public;
grant execute on function memoriesdb.erasure_check(jsonb, text)
to memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor;
comment on function memoriesdb.erasure_check(jsonb, text) is
'Look into every column of every table, partition and materialized view for what a receipt says '
'was erased: ids, hashes of the texts, and, given it, a text itself (whole, as it was stored). No '
'rows: it is gone. Ids may stay in audit_log, access_log.memory_ids, origin_id of copies, and the '
'receipts. The text is sought wherever it stands by its owner in rows of his own, by a superuser '
'or member of memoriesdb_owner in all; by anybody else as a whole value in the owner''s rows. '
'Admins and auditors are also told of rows of nobody, and of hashes in rows of others, and each '
'check of theirs is in access_log and the server log. Reads all tables. Raises MD411 (not a '
'receipt of this database, or not committed), MD412 (another text), MD001, MD004 (without the '
'scope read).';
