-- Everything is revoked first, then granted by name: what is not written here nobody may do
-- (functions carry their own GRANT).
do $block$
declare
  v_role text;
begin
  foreach v_role in array array[
    'public', 'memoriesdb_definer', 'memoriesdb_signer', 'memoriesdb_eraser', 'memoriesdb_app',
    'memoriesdb_client', 'memoriesdb_worker', 'memoriesdb_maintainer', 'memoriesdb_admin',
    'memoriesdb_auditor'
  ] loop
    execute pg_catalog.format('revoke all on all tables in schema memoriesdb from %s', v_role);
    execute pg_catalog.format('revoke all on all sequences in schema memoriesdb from %s', v_role);
  end loop;
end;
$block$;

-- Applications and SQL users. Nobody chooses id, seq, maker, times or hashes: these columns are
-- left out, which also stops OVERRIDING SYSTEM VALUE. Row-level security decides about the rows.
-- trust_limit only to lower it: the trigger `stamp` sees to that.
grant select, delete on memoriesdb.memories to memoriesdb_app, memoriesdb_client;
grant insert (
  owner_id, kind, content, metadata, stream, importance, trust, trust_limit, occurred_at,
  expires_at, is_encrypted
)
on memoriesdb.memories to memoriesdb_app, memoriesdb_client;
grant update (
  kind, content, metadata, stream, importance, trust, trust_limit, occurred_at, expires_at,
  forgotten_at, is_encrypted
)
on memoriesdb.memories to memoriesdb_app, memoriesdb_client;
grant select, delete on memoriesdb.memory_edges to memoriesdb_app, memoriesdb_client;
grant insert (owner_id, source_id, target_id, relation, weight, metadata)
on memoriesdb.memory_edges to memoriesdb_app, memoriesdb_client;
grant update (weight, metadata) on memoriesdb.memory_edges to memoriesdb_app, memoriesdb_client;
grant select on
memoriesdb.memory_versions, memoriesdb.memory_grants, memoriesdb.memory_graph,
memoriesdb.queue_status, memoriesdb.stranded_memories, memoriesdb.audit_log,
memoriesdb.audit_payloads, memoriesdb.access_log,
memoriesdb.service_assignments, memoriesdb.memory_holds, memoriesdb.owner_keys,
memoriesdb.ledger_blocks, memoriesdb.ledger_archives, memoriesdb.api_token_uses
to memoriesdb_app, memoriesdb_client;
-- All but the hash.
grant select (
  id, user_id, scopes, label, issued_by, issued_by_login, issued_at, expires_at, revoked_at
)
on memoriesdb.api_tokens to memoriesdb_app, memoriesdb_client, memoriesdb_admin;
-- All but the number that the search structures know a memory by, which is in an index.
grant select (owner_id, memory_id, model_id, embedding, text_hash, created_at)
on memoriesdb.memory_embeddings to memoriesdb_app, memoriesdb_client;
grant select (id, username, email, role, is_active, created_at)
on memoriesdb.users to memoriesdb_app, memoriesdb_client;
grant select (
  id, name, model, dimensions, max_tokens, query_prefix, passage_prefix, is_enabled, is_active,
  created_at
)
on memoriesdb.embedding_models to memoriesdb_app, memoriesdb_client;

-- Workers have functions and the views of what is to be done, no table.
grant select on memoriesdb.queue_status, memoriesdb.ledger_status to memoriesdb_worker;

grant select on
memoriesdb.users, memoriesdb.settings, memoriesdb.embedding_models, memoriesdb.worker_heartbeats,
memoriesdb.queue_status, memoriesdb.api_token_uses, memoriesdb.service_assignments,
memoriesdb.memory_holds, memoriesdb.ledger_blocks, memoriesdb.ledger_archives,
memoriesdb.ledger_status, memoriesdb.memory_vector_indexes, memoriesdb.stranded_memories
to memoriesdb_admin;

grant select on
memoriesdb.audit_log, memoriesdb.access_log, memoriesdb.worker_heartbeats, memoriesdb.queue_status,
memoriesdb.memory_holds, memoriesdb.ledger_blocks, memoriesdb.ledger_leaves,
memoriesdb.ledger_archives, memoriesdb.ledger_status
to memoriesdb_auditor;
-- How many numbers were given out: an entry with another was not written by a transaction.
grant select on sequence memoriesdb.audit_log_audit_id_seq to memoriesdb_auditor;

-- The definer: what its functions need and no more. On the logs INSERT alone, besides reading.
grant select, insert, update, delete on
memoriesdb.memories, memoriesdb.embedding_schedule, memoriesdb.embedding_batches,
memoriesdb.vindexing_schedule, memoriesdb.worker_heartbeats
to memoriesdb_definer;
grant select, insert, update on
memoriesdb.users, memoriesdb.embedding_models, memoriesdb.memory_embeddings
to memoriesdb_definer;
grant select, insert, update, delete on memoriesdb.memory_grants, memoriesdb.query_embeddings
to memoriesdb_definer;
grant select on memoriesdb.memory_edges to memoriesdb_definer;
grant select, insert, update (owner_id, valid_until, operation) on memoriesdb.memory_versions
to memoriesdb_definer;
grant select, update (value, updated_at) on memoriesdb.settings to memoriesdb_definer;
grant select, insert on memoriesdb.audit_log, memoriesdb.audit_payloads, memoriesdb.access_log
to memoriesdb_definer;
grant select, insert, update (revoked_at) on memoriesdb.api_tokens to memoriesdb_definer;
grant select, insert, update (last_used_at) on memoriesdb.api_token_uses to memoriesdb_definer;
grant select, insert, delete on memoriesdb.service_assignments, memoriesdb.memory_holds
to memoriesdb_definer;
grant select, insert, update, delete on memoriesdb.owner_keys to memoriesdb_definer;
grant delete on memoriesdb.memory_embeddings, memoriesdb.embedding_models to memoriesdb_definer;
grant select, insert on
memoriesdb.ledger_blocks, memoriesdb.ledger_leaves, memoriesdb.ledger_archives
to memoriesdb_definer;
grant select, insert, update on memoriesdb.ledger_state to memoriesdb_definer;
grant select, insert, update, delete on memoriesdb.memory_documents to memoriesdb_definer;
grant select, insert, delete on memoriesdb.memory_terms, memoriesdb.frequent_terms,
memoriesdb.search_schedule
to memoriesdb_definer;
-- To lock its rows.
grant select, insert, update (word_count), delete on memoriesdb.search_counts
to memoriesdb_definer;
grant select, insert, update, delete on memoriesdb.memory_vector_indexes to memoriesdb_definer;
grant select, insert, update (memory_ids), delete on memoriesdb.idempotency_keys
to memoriesdb_definer;
grant usage on all sequences in schema memoriesdb to memoriesdb_definer;
-- hold(), deactivate_user() and map_db_role() mark themselves there.
grant update on sequence memoriesdb.hold_mark_seq, memoriesdb.deactivation_mark_seq
to memoriesdb_definer;

-- The key is for the functions that sign and make keys, which belong to a role of their own: not
-- even the owner's functions read it.
revoke all on memoriesdb.signing_keys from memoriesdb_owner;
grant select, insert, update (retired_at), delete on memoriesdb.signing_keys to memoriesdb_signer;
revoke all on sequence memoriesdb.signing_keys_id_seq from memoriesdb_definer;
grant usage on sequence memoriesdb.signing_keys_id_seq to memoriesdb_signer;

-- The eraser: removing from the two logs that hold contents or have a retention, which no other
-- role may; the entries of the ledger are nobody's to remove.
grant select (access_id, at, user_id), delete on memoriesdb.access_log to memoriesdb_eraser;
grant select, delete on memoriesdb.audit_payloads to memoriesdb_eraser;
grant select on memoriesdb.audit_log to memoriesdb_eraser;
grant select (first_audit_id, last_audit_id) on memoriesdb.ledger_archives to memoriesdb_eraser;
-- What it erases, and of it what tells which rows, whose, and what the receipt names.
grant select (
  owner_id, id, content_hash, embedding_text_hash, origin_id, origin_owner_id, acquired_at
), delete
on memoriesdb.memories to memoriesdb_eraser;
grant select (owner_id, memory_id, content_hash), delete
on memoriesdb.memory_versions to memoriesdb_eraser;
grant select (owner_id, memory_id, text_hash), delete
on memoriesdb.memory_embeddings, memoriesdb.embedding_schedule to memoriesdb_eraser;
grant select (owner_id, source_id, target_id), delete
on memoriesdb.memory_edges to memoriesdb_eraser;
grant select (owner_id, memory_id, grantee_id, privilege), delete
on memoriesdb.memory_grants to memoriesdb_eraser;
grant select (owner_id), delete
on
memoriesdb.query_embeddings, memoriesdb.owner_keys, memoriesdb.search_counts,
memoriesdb.frequent_terms, memoriesdb.memory_vector_indexes, memoriesdb.idempotency_keys
to memoriesdb_eraser;
grant select (service_id, user_id), delete
on memoriesdb.service_assignments to memoriesdb_eraser;
grant select (id, user_id), delete on memoriesdb.api_tokens to memoriesdb_eraser;
grant select (token_id), delete on memoriesdb.api_token_uses to memoriesdb_eraser;
grant select (id), delete on memoriesdb.users to memoriesdb_eraser;
