create or replace function memoriesdb.fail_vector_index(
  worker text, lease_token bigint, error text, counts boolean default true
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_state text;
begin
  update memoriesdb.memory_vector_indexes as v
  set
    state = case
      when v.state = 'retired' then 'retired'
      when counts and v.attempts >= memoriesdb._setting('max_attempts')::integer then 'failed'
      else 'wanted'
    end,
    attempts = v.attempts - (not counts)::integer,
    last_error = left(fail_vector_index.error, 1000),
    worker = null,
    lease_token = nextval('memoriesdb.lease_token_seq'),
    available_at = clock_timestamp() + case
      when counts then memoriesdb._backoff(v.attempts) else interval '0'
    end,
    updated_at = clock_timestamp()
  where v.lease_token = fail_vector_index.lease_token and v.worker = fail_vector_index.worker
    and v.available_at > clock_timestamp()
  returning v.state into v_state;
  return case when not found then 'refused' when v_state = 'failed' then 'dead' else 'retry' end;
end;
$function$;

alter function memoriesdb.fail_vector_index(text, bigint, text, boolean)
owner to memoriesdb_definer;
revoke all on function memoriesdb.fail_vector_index(text, bigint, text, boolean) from public;
grant execute on function memoriesdb.fail_vector_index(text, bigint, text, boolean)
to memoriesdb_worker;
comment on function memoriesdb.fail_vector_index(text, bigint, text, boolean) is
'Report that a claimed vector index was not built, or not dropped: tried again after an '
'exponential back-off until settings.max_attempts, or at once where counts is false (the worker '
'stops). Recall goes on as before. Returns retry, dead, or refused (lease lost).';
