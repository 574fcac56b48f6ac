create or replace function memoriesdb.fail_embedding(
  worker text,
  job_id bigint,
  lease_token bigint,
  error text,
  permanent boolean default false,
  retry_after interval default null
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_is_dead boolean;
begin
  update memoriesdb.embedding_schedule as j
  set last_error = left(fail_embedding.error, 1000),
    worker = null,
    lease_token = nextval('memoriesdb.lease_token_seq'),
    dead_at = case
      when fail_embedding.permanent or j.attempts >= memoriesdb._setting('max_attempts')::integer
        then clock_timestamp()
    end,
    available_at = clock_timestamp() + coalesce(
      fail_embedding.retry_after, memoriesdb._backoff(j.attempts)
    )
  where j.job_id = fail_embedding.job_id and j.lease_token = fail_embedding.lease_token
    and j.worker = fail_embedding.worker and j.available_at > clock_timestamp()
    and j.dead_at is null
  returning j.dead_at is not null into v_is_dead;
  return case when not found then 'refused' when v_is_dead then 'dead' else 'retry' end;
end;
$function$;

alter function memoriesdb.fail_embedding(text, bigint, bigint, text, boolean, interval)
owner to memoriesdb_definer;
revoke all on function memoriesdb.fail_embedding(text, bigint, bigint, text, boolean, interval)
from public;
grant execute on function memoriesdb.fail_embedding(text, bigint, bigint, text, boolean, interval)
to memoriesdb_worker;
comment on function memoriesdb.fail_embedding(text, bigint, bigint, text, boolean, interval) is
'Report that a claimed job failed because of its text. Tried again after retry_after or an '
'exponential back-off with jitter, until settings.max_attempts; then, or where permanent, a '
'dead letter. error must not contain the text. Returns retry, dead, or refused (lease lost).';
