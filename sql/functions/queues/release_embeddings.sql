create or replace function memoriesdb.release_embeddings(
  worker text,
  job_ids bigint[],
  lease_tokens bigint[],
  error text default null,
  retry_after interval default null
)
returns integer
language plpgsql
volatile
parallel unsafe
security definer -- workers have no rights on tables
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_count integer;
begin
  update memoriesdb.embedding_schedule as j
  set attempts = j.attempts - 1,
    worker = null,
    lease_token = nextval('memoriesdb.lease_token_seq'),
    last_error = coalesce(left(release_embeddings.error, 1000), j.last_error),
    -- Where the line has come to: it was this job's turn.
    turn = case
      when coalesce(release_embeddings.retry_after, interval '0') <= interval '0'
        then memoriesdb._top_of_line(j.model_id, j.priority)
    end,
    available_at = clock_timestamp() + coalesce(release_embeddings.retry_after, interval '0')
  from unnest(
    release_embeddings.job_ids, release_embeddings.lease_tokens
  ) as r (job_id, lease_token)
  where j.job_id = r.job_id and j.lease_token = r.lease_token
    and j.worker = release_embeddings.worker and j.available_at > clock_timestamp()
    and j.dead_at is null;
  get diagnostics v_count = row_count;
  return v_count;
end;
$function$;

alter function memoriesdb.release_embeddings(text, bigint[], bigint[], text, interval)
owner to memoriesdb_definer;
revoke all on function memoriesdb.release_embeddings(text, bigint[], bigint[], text, interval)
from public;
grant execute on function memoriesdb.release_embeddings(text, bigint[], bigint[], text, interval)
to memoriesdb_worker;
comment on function memoriesdb.release_embeddings(text, bigint[], bigint[], text, interval) is
'Give claimed jobs back without counting an attempt: the provider is away or the worker stops. '
'Due again after retry_after, or at once. Returns how many were given back; the others'' leases '
'were lost.';
