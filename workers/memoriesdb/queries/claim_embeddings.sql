-- Claim due embedding jobs for this worker under a lease, with SKIP LOCKED and a fencing token.
-- The text that is returned has the template and the model's passage prefix applied.
-- Jobs of models that are paused, since their provider does not work, stay where they are.
-- Ahead of a batch that is embedded, nothing is claimed of models with a limit of batches.
select
  job_id, lease_token, owner_id, memory_id, model_id, model, provider, endpoint,
  dimensions, max_tokens, input, text_hash, attempt, lease_until
from memoriesdb.claim_embeddings(
  %(worker)s::text, %(batch)s::integer, pg_catalog.make_interval(secs => %(lease)s),
  %(paused)s::uuid[], %(is_ahead)s::boolean
);
