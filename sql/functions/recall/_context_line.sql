create or replace function memoriesdb._context_line(
  content text, metadata jsonb, occurred_at timestamptz
)
returns text
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
  -- On one line: a memory cannot begin another one's. The last of the signs that end a line are
  -- named, as they are no spaces by the locale C.
  select regexp_replace(
    case when jsonb_typeof(metadata -> 'speaker') = 'string' and metadata ->> 'speaker' <> ''
      then left(metadata ->> 'speaker', 100) || ' ' else ''
    end
    || '(' || to_char(occurred_at at time zone 'UTC', 'FMDD FMMonth YYYY') || '): '
    || content, '[[:space:][:cntrl:]\u0080-\u009f\u2028\u2029]+', ' ', 'g'
  );
$function$;

alter function memoriesdb._context_line(text, jsonb, timestamptz) owner to memoriesdb_definer;
revoke all on function memoriesdb._context_line(text, jsonb, timestamptz) from public;
grant execute on function memoriesdb._context_line(
  text, jsonb, timestamptz
)
to memoriesdb_app, memoriesdb_client;
comment on function memoriesdb._context_line(text, jsonb, timestamptz) is
'A memory as a line of build_context(): who said it, when (UTC), and what.';
