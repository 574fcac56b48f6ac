CREATE TABLE memoriesdb.ledger_archives (
    partition_no bigint NOT NULL,
    first_audit_id bigint NOT NULL,
    last_audit_id bigint NOT NULL,
    entry_count bigint NOT NULL,
    boundary_blocks jsonb DEFAULT '{}'::jsonb NOT NULL,
    file_sha256 bytea NOT NULL,
    archived_at timestamp with time zone NOT NULL,
    archived_by_login name NOT NULL,
    CONSTRAINT ledger_archives_file_sha256_is_sha256 CHECK ((octet_length(file_sha256) = 32)),
    CONSTRAINT ledger_archives_range_is_not_empty CHECK ((first_audit_id <= last_audit_id))
);

ALTER TABLE ONLY memoriesdb.ledger_archives ALTER COLUMN boundary_blocks SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_archives ALTER COLUMN file_sha256 SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_archives FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.ledger_archives OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.ledger_blocks (
    block_no bigint NOT NULL,
    previous_hash bytea NOT NULL,
    root bytea NOT NULL,
    entry_count bigint NOT NULL,
    incarnation bigint NOT NULL,
    last_xid xid8 NOT NULL,
    last_audit_id bigint NOT NULL,
    low_audit_id bigint NOT NULL,
    high_audit_id bigint NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT ledger_blocks_block_no_is_positive CHECK ((block_no > 0)),
    CONSTRAINT ledger_blocks_hashes_are_sha256 CHECK (((octet_length(previous_hash) = 32) AND (octet_length(root) = 32) AND (octet_length(hash) = 32))),
    CONSTRAINT ledger_blocks_is_not_empty CHECK (((entry_count > 0) AND (low_audit_id <= high_audit_id) AND ((last_audit_id >= low_audit_id) AND (last_audit_id <= high_audit_id))))
);

ALTER TABLE ONLY memoriesdb.ledger_blocks ALTER COLUMN previous_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_blocks ALTER COLUMN root SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_blocks ALTER COLUMN hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_blocks FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.ledger_blocks OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memories (
    owner_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint NOT NULL,
    kind text DEFAULT 'note'::text NOT NULL,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    stream text,
    importance real DEFAULT 0.5 NOT NULL,
    trust real DEFAULT 0.5 NOT NULL,
    trust_limit real DEFAULT 1 NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    forgotten_at timestamp with time zone,
    version integer NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_by uuid,
    updated_at timestamp with time zone NOT NULL,
    origin_id uuid,
    origin_owner_id uuid,
    origin_hash bytea,
    acquired_at timestamp with time zone,
    is_encrypted boolean DEFAULT false NOT NULL,
    search tsvector NOT NULL,
    embedding_text_hash bytea NOT NULL,
    CONSTRAINT memories_content_hash_is_sha256 CHECK ((octet_length(content_hash) = 32)),
    CONSTRAINT memories_embedding_text_hash_is_sha256 CHECK ((octet_length(embedding_text_hash) = 32)),
    CONSTRAINT memories_importance_in_range CHECK (((importance >= (0)::double precision) AND (importance <= (1)::double precision))),
    CONSTRAINT memories_kind_is_a_word CHECK (((kind ~ '^[a-z][a-z0-9_]*$'::text) AND (length(kind) <= 63))),
    CONSTRAINT memories_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT memories_origin_is_whole CHECK ((num_nulls(origin_id, origin_owner_id, origin_hash, acquired_at) = ANY (ARRAY[0, 4]))),
    CONSTRAINT memories_trust_in_range CHECK (((trust >= (0)::double precision) AND (trust <= (1)::double precision))),
    CONSTRAINT memories_trust_within_limit CHECK (((trust_limit >= (0)::double precision) AND (trust_limit <= (1)::double precision) AND (trust <= trust_limit))),
    CONSTRAINT memories_version_is_positive CHECK ((version > 0))
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.05');

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN kind SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN content SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN content_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN metadata SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN stream SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN origin_id SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN origin_owner_id SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN origin_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN search SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories ALTER COLUMN embedding_text_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memories FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memories OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_edges (
    owner_id uuid NOT NULL,
    source_id uuid NOT NULL,
    target_id uuid NOT NULL,
    relation text DEFAULT 'related'::text NOT NULL,
    weight real DEFAULT 1.0 NOT NULL,
    metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT memory_edges_is_no_loop CHECK ((source_id <> target_id)),
    CONSTRAINT memory_edges_metadata_is_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
    CONSTRAINT memory_edges_relation_is_a_word CHECK ((relation ~ '^[a-z][a-z0-9_]{0,62}$'::text)),
    CONSTRAINT memory_edges_weight_in_range CHECK (((weight >= (0)::double precision) AND (weight <= (1)::double precision)))
);

ALTER TABLE ONLY memoriesdb.memory_edges ALTER COLUMN relation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_edges ALTER COLUMN metadata SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_edges FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_edges OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.embedding_models (
    id uuid NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    endpoint text NOT NULL,
    model text NOT NULL,
    dimensions integer NOT NULL,
    max_tokens integer DEFAULT 256 NOT NULL,
    query_prefix text DEFAULT ''::text NOT NULL,
    passage_prefix text DEFAULT ''::text NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    is_active boolean DEFAULT false NOT NULL,
    max_concurrency integer,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT embedding_models_active_is_enabled CHECK ((is_enabled OR (NOT is_active))),
    CONSTRAINT embedding_models_dimensions_in_range CHECK (((dimensions >= 1) AND (dimensions <= 4000))),
    CONSTRAINT embedding_models_endpoint_is_http CHECK ((endpoint ~ '^https?://[^\s@/]+(/[^\s@]*)?$'::text)),
    CONSTRAINT embedding_models_max_concurrency_is_positive CHECK ((max_concurrency >= 1)),
    CONSTRAINT embedding_models_max_tokens_is_positive CHECK (((max_tokens >= 16) AND (max_tokens <= 1000000))),
    CONSTRAINT embedding_models_provider_is_known CHECK ((provider = ANY (ARRAY['ollama'::text, 'openai'::text])))
);

ALTER TABLE ONLY memoriesdb.embedding_models FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.embedding_models OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_log (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    xid xid8 NOT NULL,
    incarnation bigint NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    table_name name NOT NULL,
    operation text NOT NULL,
    owner_id uuid,
    row_id uuid,
    row_key jsonb NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT audit_log_commitment_is_sha256 CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_log_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text, 'ACQUIRE'::text, 'ERASE'::text, 'ARCHIVE'::text])))
)
PARTITION BY RANGE (audit_id);

ALTER TABLE ONLY memoriesdb.audit_log ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log ALTER COLUMN row_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log ALTER COLUMN commitment SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.embedding_schedule (
    job_id bigint NOT NULL,
    owner_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    model_id uuid NOT NULL,
    text_hash bytea NOT NULL,
    priority smallint DEFAULT 0 NOT NULL,
    turn bigint,
    attempts integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    available_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_token bigint,
    worker text,
    dead_at timestamp with time zone,
    dropped_at timestamp with time zone,
    last_error text,
    CONSTRAINT embedding_schedule_dead_has_no_worker CHECK (((dead_at IS NULL) OR (worker IS NULL))),
    CONSTRAINT embedding_schedule_dropped_is_dead CHECK (((dropped_at IS NULL) OR (dead_at IS NOT NULL))),
    CONSTRAINT embedding_schedule_in_line_is_free CHECK (((turn IS NULL) OR ((worker IS NULL) AND (dead_at IS NULL)))),
    CONSTRAINT embedding_schedule_worker_has_lease CHECK (((worker IS NULL) OR (lease_token IS NOT NULL)))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='200', autovacuum_vacuum_cost_delay='0', autovacuum_analyze_scale_factor='0.1', fillfactor='70');

ALTER TABLE ONLY memoriesdb.embedding_schedule FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.embedding_schedule OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.ledger_state (
    is_only_row boolean DEFAULT true NOT NULL,
    sealed_count bigint DEFAULT 0 NOT NULL,
    sealed_below bigint DEFAULT 0 NOT NULL,
    mark_audit_id bigint DEFAULT 0 NOT NULL,
    mark_xid xid8 DEFAULT '0'::xid8 NOT NULL,
    looked_at timestamp with time zone,
    CONSTRAINT ledger_state_is_one_row CHECK (is_only_row)
);

ALTER TABLE ONLY memoriesdb.ledger_state FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.ledger_state OWNER TO memoriesdb_owner;

CREATE MATERIALIZED VIEW memoriesdb._memory_graph_00 AS
 SELECT e.owner_id,
    e.source_id,
    e.target_id,
    e.relation,
    e.weight,
    e.metadata,
    e.created_at,
    s.kind AS source_kind,
    t.kind AS target_kind
   FROM ((memoriesdb.memory_edges e
     JOIN memoriesdb.memories s ON (((s.owner_id = e.owner_id) AND (s.id = e.source_id) AND (s.forgotten_at IS NULL))))
     JOIN memoriesdb.memories t ON (((t.owner_id = e.owner_id) AND (t.id = e.target_id) AND (t.forgotten_at IS NULL))))
  WHERE (memoriesdb._graph_slice(e.owner_id) = 0)
  WITH NO DATA;

ALTER TABLE ONLY memoriesdb._memory_graph_00 ALTER COLUMN relation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb._memory_graph_00 ALTER COLUMN metadata SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb._memory_graph_00 ALTER COLUMN source_kind SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb._memory_graph_00 ALTER COLUMN target_kind SET STATISTICS 0;

ALTER TABLE memoriesdb._memory_graph_00 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.access_log (
    access_id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    query_hash bytea,
    memory_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    result_count integer NOT NULL,
    owner_id uuid,
    CONSTRAINT access_log_grant_has_its_owner CHECK ((((outcome = 'granted'::text) = (owner_id IS NOT NULL)) AND ((outcome <> 'granted'::text) OR ((query_hash IS NULL) AND (token_id IS NULL))))),
    CONSTRAINT access_log_outcome_is_known CHECK ((outcome = ANY (ARRAY['answered'::text, 'refused'::text, 'granted'::text]))),
    CONSTRAINT access_log_query_hash_is_sha256 CHECK ((octet_length(query_hash) = 32)),
    CONSTRAINT access_log_result_count_is_not_negative CHECK ((result_count >= 0))
);

ALTER TABLE ONLY memoriesdb.access_log ALTER COLUMN action SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.access_log ALTER COLUMN outcome SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.access_log ALTER COLUMN query_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.access_log ALTER COLUMN memory_ids SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.access_log FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.access_log OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.access_log ALTER COLUMN access_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.access_log_access_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb.api_token_uses (
    token_id uuid NOT NULL,
    last_used_at timestamp with time zone
);

ALTER TABLE ONLY memoriesdb.api_token_uses FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.api_token_uses OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.api_tokens (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    label text,
    issued_by uuid,
    issued_by_login name NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT api_tokens_expires_after_issue CHECK ((expires_at > issued_at)),
    CONSTRAINT api_tokens_label_is_short CHECK (((char_length(label) >= 1) AND (char_length(label) <= 200))),
    CONSTRAINT api_tokens_scopes_are_known CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'write'::text, 'share'::text, 'admin'::text]))),
    CONSTRAINT api_tokens_token_hash_is_sha256 CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE ONLY memoriesdb.api_tokens ALTER COLUMN token_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.api_tokens ALTER COLUMN scopes SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.api_tokens ALTER COLUMN label SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.api_tokens FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.api_tokens OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_log_000000 (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    xid xid8 NOT NULL,
    incarnation bigint NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    table_name name NOT NULL,
    operation text NOT NULL,
    owner_id uuid,
    row_id uuid,
    row_key jsonb NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT audit_log_commitment_is_sha256 CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_log_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text, 'ACQUIRE'::text, 'ERASE'::text, 'ARCHIVE'::text])))
);

ALTER TABLE ONLY memoriesdb.audit_log_000000 ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000000 ALTER COLUMN row_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000000 ALTER COLUMN commitment SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000000 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log_000000 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_log_000001 (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    xid xid8 NOT NULL,
    incarnation bigint NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    table_name name NOT NULL,
    operation text NOT NULL,
    owner_id uuid,
    row_id uuid,
    row_key jsonb NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT audit_log_commitment_is_sha256 CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_log_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text, 'ACQUIRE'::text, 'ERASE'::text, 'ARCHIVE'::text])))
);

ALTER TABLE ONLY memoriesdb.audit_log_000001 ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000001 ALTER COLUMN row_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000001 ALTER COLUMN commitment SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000001 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log_000001 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_log_000002 (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    xid xid8 NOT NULL,
    incarnation bigint NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    table_name name NOT NULL,
    operation text NOT NULL,
    owner_id uuid,
    row_id uuid,
    row_key jsonb NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT audit_log_commitment_is_sha256 CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_log_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text, 'ACQUIRE'::text, 'ERASE'::text, 'ARCHIVE'::text])))
);

ALTER TABLE ONLY memoriesdb.audit_log_000002 ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000002 ALTER COLUMN row_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000002 ALTER COLUMN commitment SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_000002 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log_000002 OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.audit_log ALTER COLUMN audit_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.audit_log_audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb.audit_log_default (
    audit_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    xid xid8 NOT NULL,
    incarnation bigint NOT NULL,
    user_id uuid,
    token_id uuid,
    actor_id uuid,
    login name NOT NULL,
    table_name name NOT NULL,
    operation text NOT NULL,
    owner_id uuid,
    row_id uuid,
    row_key jsonb NOT NULL,
    commitment bytea NOT NULL,
    CONSTRAINT audit_log_commitment_is_sha256 CHECK ((octet_length(commitment) = 32)),
    CONSTRAINT audit_log_operation_is_known CHECK ((operation = ANY (ARRAY['INSERT'::text, 'UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text, 'ACQUIRE'::text, 'ERASE'::text, 'ARCHIVE'::text])))
);

ALTER TABLE ONLY memoriesdb.audit_log_default ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_default ALTER COLUMN row_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_default ALTER COLUMN commitment SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_log_default FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log_default OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_payloads (
    audit_id bigint NOT NULL,
    owner_id uuid,
    row_id uuid,
    target_id uuid,
    salt bytea NOT NULL,
    before jsonb,
    after jsonb,
    application_name text,
    reason text,
    CONSTRAINT audit_payloads_salt_is_long CHECK ((octet_length(salt) = 16))
)
PARTITION BY RANGE (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads ALTER COLUMN salt SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads ALTER COLUMN before SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads ALTER COLUMN after SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads ALTER COLUMN application_name SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_payloads_000000 (
    audit_id bigint NOT NULL,
    owner_id uuid,
    row_id uuid,
    target_id uuid,
    salt bytea NOT NULL,
    before jsonb,
    after jsonb,
    application_name text,
    reason text,
    CONSTRAINT audit_payloads_salt_is_long CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 ALTER COLUMN salt SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 ALTER COLUMN before SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 ALTER COLUMN after SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 ALTER COLUMN application_name SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000000 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads_000000 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_payloads_000001 (
    audit_id bigint NOT NULL,
    owner_id uuid,
    row_id uuid,
    target_id uuid,
    salt bytea NOT NULL,
    before jsonb,
    after jsonb,
    application_name text,
    reason text,
    CONSTRAINT audit_payloads_salt_is_long CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 ALTER COLUMN salt SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 ALTER COLUMN before SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 ALTER COLUMN after SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 ALTER COLUMN application_name SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000001 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads_000001 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_payloads_000002 (
    audit_id bigint NOT NULL,
    owner_id uuid,
    row_id uuid,
    target_id uuid,
    salt bytea NOT NULL,
    before jsonb,
    after jsonb,
    application_name text,
    reason text,
    CONSTRAINT audit_payloads_salt_is_long CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 ALTER COLUMN salt SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 ALTER COLUMN before SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 ALTER COLUMN after SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 ALTER COLUMN application_name SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_000002 FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads_000002 OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.audit_payloads_default (
    audit_id bigint NOT NULL,
    owner_id uuid,
    row_id uuid,
    target_id uuid,
    salt bytea NOT NULL,
    before jsonb,
    after jsonb,
    application_name text,
    reason text,
    CONSTRAINT audit_payloads_salt_is_long CHECK ((octet_length(salt) = 16))
);

ALTER TABLE ONLY memoriesdb.audit_payloads_default ALTER COLUMN salt SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_default ALTER COLUMN before SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_default ALTER COLUMN after SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_default ALTER COLUMN application_name SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_default ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.audit_payloads_default FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads_default OWNER TO memoriesdb_owner;

CREATE SEQUENCE memoriesdb.deactivation_mark_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE memoriesdb.deactivation_mark_seq OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.embedding_batches (
    model_id uuid NOT NULL,
    lease_token bigint NOT NULL,
    job_ids bigint[] NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    head bigint NOT NULL,
    top bigint NOT NULL,
    backfill_head bigint NOT NULL,
    backfill_top bigint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    oldest_token bigint NOT NULL,
    walk_seconds double precision NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='200', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY memoriesdb.embedding_batches FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.embedding_batches OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.embedding_schedule ALTER COLUMN job_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.embedding_schedule_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb.frequent_terms (
    owner_id uuid NOT NULL,
    term text NOT NULL COLLATE pg_catalog."C",
    document_count integer NOT NULL,
    of_documents bigint NOT NULL,
    counted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY memoriesdb.frequent_terms ALTER COLUMN term SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.frequent_terms FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.frequent_terms OWNER TO memoriesdb_owner;

CREATE SEQUENCE memoriesdb.hold_mark_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE memoriesdb.hold_mark_seq OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.idempotency_keys (
    owner_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    memory_ids uuid[],
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT idempotency_keys_key_hash_is_sha256 CHECK ((octet_length(key_hash) = 32))
);

ALTER TABLE ONLY memoriesdb.idempotency_keys ALTER COLUMN key_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.idempotency_keys ALTER COLUMN memory_ids SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.idempotency_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.idempotency_keys OWNER TO memoriesdb_owner;

CREATE SEQUENCE memoriesdb.lease_token_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE memoriesdb.lease_token_seq OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.ledger_leaves (
    block_no bigint NOT NULL,
    leaves bytea NOT NULL,
    CONSTRAINT ledger_leaves_are_hashes CHECK (((octet_length(leaves) > 0) AND ((octet_length(leaves) % 32) = 0)))
);

ALTER TABLE ONLY memoriesdb.ledger_leaves ALTER COLUMN leaves SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.ledger_leaves ALTER COLUMN leaves SET STORAGE EXTERNAL;

ALTER TABLE ONLY memoriesdb.ledger_leaves FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.ledger_leaves OWNER TO memoriesdb_owner;

CREATE VIEW memoriesdb.ledger_status WITH (security_barrier='true') AS
 SELECT COALESCE(h.block_no, (0)::bigint) AS blocks,
    COALESCE(s.sealed_count, (0)::bigint) AS sealed_entries,
    u.entry_count AS unsealed_entries,
    u.oldest_at AS oldest_unsealed_at,
    (COALESCE(EXTRACT(epoch FROM (clock_timestamp() - u.oldest_at)), (0)::numeric))::double precision AS lag_seconds,
    h.sealed_at AS last_sealed_at,
    w.pid AS blocking_pid,
    w.database AS blocking_database,
    w.login AS blocking_login,
    w.application_name AS blocking_application
   FROM (((memoriesdb._ledger_backlog() u(entry_count, oldest_at, last_xid)
     LEFT JOIN memoriesdb.ledger_state s ON (true))
     LEFT JOIN LATERAL ( SELECT b.block_no,
            b.sealed_at
           FROM memoriesdb.ledger_blocks b
          ORDER BY b.block_no DESC
         LIMIT 1) h ON (true))
     LEFT JOIN LATERAL ( SELECT t.pid,
            t.database,
            t.login,
            t.application_name,
            t.xid
           FROM ( SELECT p.pid,
                    p.datname AS database,
                    p.usename AS login,
                    p.application_name,
                    p.backend_xid AS xid
                   FROM pg_stat_activity p
                  WHERE ((p.backend_xid IS NOT NULL) AND (p.pid <> pg_backend_pid()))
                UNION ALL
                 SELECT NULL::integer AS pid,
                    x.database,
                    x.owner,
                    ('prepared transaction '::text || x.gid) AS application_name,
                    x.transaction
                   FROM pg_prepared_xacts x) t
          WHERE (age(t.xid) > age((u.last_xid)::xid))
          ORDER BY (age(t.xid)) DESC
         LIMIT 1) w ON (true))
  WHERE ( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues);

ALTER TABLE memoriesdb.ledger_status OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.memories ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.memories_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb.memory_documents (
    owner_id uuid NOT NULL,
    doc bigint NOT NULL,
    memory_id uuid NOT NULL,
    kind text NOT NULL,
    stream_id uuid,
    speaker text,
    occurred_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    importance real NOT NULL,
    trust real NOT NULL,
    word_count integer NOT NULL,
    is_indexed boolean DEFAULT false NOT NULL,
    CONSTRAINT memory_documents_word_count_is_no_less_than_zero CHECK ((word_count >= 0))
)
WITH (fillfactor='90', autovacuum_vacuum_insert_threshold='1000', autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY memoriesdb.memory_documents ALTER COLUMN kind SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_documents ALTER COLUMN stream_id SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_documents ALTER COLUMN speaker SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_documents FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_documents OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_embeddings (
    owner_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    model_id uuid NOT NULL,
    doc bigint NOT NULL,
    embedding public.halfvec NOT NULL,
    text_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT memory_embeddings_text_hash_is_sha256 CHECK ((octet_length(text_hash) = 32))
)
WITH (autovacuum_vacuum_insert_threshold='1000', autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_vacuum_scale_factor='0.02');

ALTER TABLE ONLY memoriesdb.memory_embeddings ALTER COLUMN embedding SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_embeddings ALTER COLUMN text_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_embeddings FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_embeddings OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_grants (
    owner_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    grantee_id uuid NOT NULL,
    privilege text DEFAULT 'read'::text NOT NULL,
    expires_at timestamp with time zone,
    granted_by uuid NOT NULL,
    granted_at timestamp with time zone NOT NULL,
    CONSTRAINT memory_grants_is_not_to_oneself CHECK ((grantee_id <> owner_id)),
    CONSTRAINT memory_grants_privilege_is_known CHECK ((privilege = ANY (ARRAY['read'::text, 'write'::text])))
);

ALTER TABLE ONLY memoriesdb.memory_grants ALTER COLUMN privilege SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_grants FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_grants OWNER TO memoriesdb_owner;

CREATE VIEW memoriesdb.memory_graph WITH (security_barrier='true') AS
 SELECT g.owner_id,
    g.source_id,
    g.target_id,
    g.relation,
    g.weight,
    g.metadata,
    g.created_at,
    g.source_kind,
    g.target_kind
   FROM ( SELECT _memory_graph_00.owner_id,
            _memory_graph_00.source_id,
            _memory_graph_00.target_id,
            _memory_graph_00.relation,
            _memory_graph_00.weight,
            _memory_graph_00.metadata,
            _memory_graph_00.created_at,
            _memory_graph_00.source_kind,
            _memory_graph_00.target_kind
           FROM memoriesdb._memory_graph_00
        UNION ALL
         SELECT _memory_graph_01.owner_id,
            _memory_graph_01.source_id,
            _memory_graph_01.target_id,
            _memory_graph_01.relation,
            _memory_graph_01.weight,
            _memory_graph_01.metadata,
            _memory_graph_01.created_at,
            _memory_graph_01.source_kind,
            _memory_graph_01.target_kind
           FROM memoriesdb._memory_graph_01
        UNION ALL
         SELECT _memory_graph_02.owner_id,
            _memory_graph_02.source_id,
            _memory_graph_02.target_id,
            _memory_graph_02.relation,
            _memory_graph_02.weight,
            _memory_graph_02.metadata,
            _memory_graph_02.created_at,
            _memory_graph_02.source_kind,
            _memory_graph_02.target_kind
           FROM memoriesdb._memory_graph_02
        UNION ALL
         SELECT _memory_graph_03.owner_id,
            _memory_graph_03.source_id,
            _memory_graph_03.target_id,
            _memory_graph_03.relation,
            _memory_graph_03.weight,
            _memory_graph_03.metadata,
            _memory_graph_03.created_at,
            _memory_graph_03.source_kind,
            _memory_graph_03.target_kind
           FROM memoriesdb._memory_graph_03
        UNION ALL
         SELECT _memory_graph_04.owner_id,
            _memory_graph_04.source_id,
            _memory_graph_04.target_id,
            _memory_graph_04.relation,
            _memory_graph_04.weight,
            _memory_graph_04.metadata,
            _memory_graph_04.created_at,
            _memory_graph_04.source_kind,
            _memory_graph_04.target_kind
           FROM memoriesdb._memory_graph_04
        UNION ALL
         SELECT _memory_graph_05.owner_id,
            _memory_graph_05.source_id,
            _memory_graph_05.target_id,
            _memory_graph_05.relation,
            _memory_graph_05.weight,
            _memory_graph_05.metadata,
            _memory_graph_05.created_at,
            _memory_graph_05.source_kind,
            _memory_graph_05.target_kind
           FROM memoriesdb._memory_graph_05
        UNION ALL
         SELECT _memory_graph_06.owner_id,
            _memory_graph_06.source_id,
            _memory_graph_06.target_id,
            _memory_graph_06.relation,
            _memory_graph_06.weight,
            _memory_graph_06.metadata,
            _memory_graph_06.created_at,
            _memory_graph_06.source_kind,
            _memory_graph_06.target_kind
           FROM memoriesdb._memory_graph_06
        UNION ALL
         SELECT _memory_graph_07.owner_id,
            _memory_graph_07.source_id,
            _memory_graph_07.target_id,
            _memory_graph_07.relation,
            _memory_graph_07.weight,
            _memory_graph_07.metadata,
            _memory_graph_07.created_at,
            _memory_graph_07.source_kind,
            _memory_graph_07.target_kind
           FROM memoriesdb._memory_graph_07
        UNION ALL
         SELECT _memory_graph_08.owner_id,
            _memory_graph_08.source_id,
            _memory_graph_08.target_id,
            _memory_graph_08.relation,
            _memory_graph_08.weight,
            _memory_graph_08.metadata,
            _memory_graph_08.created_at,
            _memory_graph_08.source_kind,
            _memory_graph_08.target_kind
           FROM memoriesdb._memory_graph_08
        UNION ALL
         SELECT _memory_graph_09.owner_id,
            _memory_graph_09.source_id,
            _memory_graph_09.target_id,
            _memory_graph_09.relation,
            _memory_graph_09.weight,
            _memory_graph_09.metadata,
            _memory_graph_09.created_at,
            _memory_graph_09.source_kind,
            _memory_graph_09.target_kind
           FROM memoriesdb._memory_graph_09
        UNION ALL
         SELECT _memory_graph_10.owner_id,
            _memory_graph_10.source_id,
            _memory_graph_10.target_id,
            _memory_graph_10.relation,
            _memory_graph_10.weight,
            _memory_graph_10.metadata,
            _memory_graph_10.created_at,
            _memory_graph_10.source_kind,
            _memory_graph_10.target_kind
           FROM memoriesdb._memory_graph_10
        UNION ALL
         SELECT _memory_graph_11.owner_id,
            _memory_graph_11.source_id,
            _memory_graph_11.target_id,
            _memory_graph_11.relation,
            _memory_graph_11.weight,
            _memory_graph_11.metadata,
            _memory_graph_11.created_at,
            _memory_graph_11.source_kind,
            _memory_graph_11.target_kind
           FROM memoriesdb._memory_graph_11
        UNION ALL
         SELECT _memory_graph_12.owner_id,
            _memory_graph_12.source_id,
            _memory_graph_12.target_id,
            _memory_graph_12.relation,
            _memory_graph_12.weight,
            _memory_graph_12.metadata,
            _memory_graph_12.created_at,
            _memory_graph_12.source_kind,
            _memory_graph_12.target_kind
           FROM memoriesdb._memory_graph_12
        UNION ALL
         SELECT _memory_graph_13.owner_id,
            _memory_graph_13.source_id,
            _memory_graph_13.target_id,
            _memory_graph_13.relation,
            _memory_graph_13.weight,
            _memory_graph_13.metadata,
            _memory_graph_13.created_at,
            _memory_graph_13.source_kind,
            _memory_graph_13.target_kind
           FROM memoriesdb._memory_graph_13
        UNION ALL
         SELECT _memory_graph_14.owner_id,
            _memory_graph_14.source_id,
            _memory_graph_14.target_id,
            _memory_graph_14.relation,
            _memory_graph_14.weight,
            _memory_graph_14.metadata,
            _memory_graph_14.created_at,
            _memory_graph_14.source_kind,
            _memory_graph_14.target_kind
           FROM memoriesdb._memory_graph_14
        UNION ALL
         SELECT _memory_graph_15.owner_id,
            _memory_graph_15.source_id,
            _memory_graph_15.target_id,
            _memory_graph_15.relation,
            _memory_graph_15.weight,
            _memory_graph_15.metadata,
            _memory_graph_15.created_at,
            _memory_graph_15.source_kind,
            _memory_graph_15.target_kind
           FROM memoriesdb._memory_graph_15) g
  WHERE (memoriesdb._gate_equal(g.owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) AND (g.owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_graph OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_holds (
    id uuid NOT NULL,
    owner_id uuid NOT NULL,
    memory_id uuid,
    reason text NOT NULL,
    placed_by uuid,
    placed_by_login name NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    CONSTRAINT memory_holds_reason_is_short CHECK (((char_length(reason) >= 1) AND (char_length(reason) <= 1000)))
);

ALTER TABLE ONLY memoriesdb.memory_holds ALTER COLUMN reason SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_holds FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_holds OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_terms (
    owner_id uuid NOT NULL,
    term text NOT NULL COLLATE pg_catalog."C",
    doc bigint NOT NULL,
    frequency smallint NOT NULL,
    word_count integer NOT NULL,
    CONSTRAINT memory_terms_frequency_is_positive CHECK ((frequency > 0))
)
WITH (autovacuum_vacuum_insert_threshold='10000', autovacuum_vacuum_insert_scale_factor='0.02', autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY memoriesdb.memory_terms ALTER COLUMN term SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_terms FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_terms OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_vector_indexes (
    owner_id uuid NOT NULL,
    model_id uuid NOT NULL,
    generation integer NOT NULL,
    state text NOT NULL,
    index_name name,
    through_doc bigint,
    dimensions integer NOT NULL,
    row_count bigint NOT NULL,
    size_bytes bigint,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    lease_token bigint,
    worker text,
    available_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ready_at timestamp with time zone,
    CONSTRAINT memory_vector_indexes_building_has_worker CHECK (((state <> 'building'::text) OR (worker IS NOT NULL))),
    CONSTRAINT memory_vector_indexes_built_has_range CHECK (((state <> ALL (ARRAY['building'::text, 'ready'::text])) OR ((index_name IS NOT NULL) AND (through_doc IS NOT NULL)))),
    CONSTRAINT memory_vector_indexes_state_is_known CHECK ((state = ANY (ARRAY['wanted'::text, 'building'::text, 'ready'::text, 'retired'::text, 'failed'::text]))),
    CONSTRAINT memory_vector_indexes_worker_has_lease CHECK (((worker IS NULL) OR (lease_token IS NOT NULL)))
);

ALTER TABLE ONLY memoriesdb.memory_vector_indexes ALTER COLUMN state SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_vector_indexes ALTER COLUMN last_error SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_vector_indexes ALTER COLUMN worker SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_vector_indexes FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_vector_indexes OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.memory_versions (
    owner_id uuid NOT NULL,
    memory_id uuid NOT NULL,
    version integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    operation text NOT NULL,
    ended_by uuid,
    seq bigint NOT NULL,
    kind text NOT NULL,
    content text,
    content_hash bytea NOT NULL,
    metadata jsonb NOT NULL,
    stream text,
    importance real NOT NULL,
    trust real NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    forgotten_at timestamp with time zone,
    created_by uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_by uuid,
    CONSTRAINT memory_versions_last_state_has_content CHECK (((operation <> 'DELETE'::text) OR (content IS NOT NULL))),
    CONSTRAINT memory_versions_operation_is_known CHECK ((operation = ANY (ARRAY['UPDATE'::text, 'DELETE'::text, 'TRANSFER'::text]))),
    CONSTRAINT memory_versions_period_is_not_empty CHECK ((valid_from < valid_until))
);

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN operation SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN kind SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN content SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN content_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN metadata SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions ALTER COLUMN stream SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.memory_versions FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.memory_versions OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.owner_keys (
    owner_id uuid NOT NULL,
    key_id integer NOT NULL,
    wrapped_key bytea NOT NULL,
    provider text NOT NULL,
    provider_key text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    rewrapped_at timestamp with time zone,
    retired_at timestamp with time zone,
    CONSTRAINT owner_keys_key_id_is_positive CHECK ((key_id > 0)),
    CONSTRAINT owner_keys_provider_is_a_word CHECK ((provider ~ '^[a-z][a-z0-9_-]{0,62}$'::text)),
    CONSTRAINT owner_keys_provider_key_is_short CHECK ((char_length(provider_key) <= 2048)),
    CONSTRAINT owner_keys_wrapped_key_is_short CHECK (((octet_length(wrapped_key) >= 1) AND (octet_length(wrapped_key) <= 65536)))
);

ALTER TABLE ONLY memoriesdb.owner_keys ALTER COLUMN wrapped_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.owner_keys ALTER COLUMN provider SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.owner_keys ALTER COLUMN provider_key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.owner_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.owner_keys OWNER TO memoriesdb_owner;

CREATE UNLOGGED TABLE memoriesdb.query_embeddings (
    owner_id uuid NOT NULL,
    model_id uuid NOT NULL,
    query_hash bytea NOT NULL,
    embedding public.vector NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE ONLY memoriesdb.query_embeddings ALTER COLUMN query_hash SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.query_embeddings ALTER COLUMN embedding SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.query_embeddings FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.query_embeddings OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.search_schedule (
    owner_id uuid NOT NULL,
    doc bigint NOT NULL,
    memory_id uuid NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='500', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY memoriesdb.search_schedule FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.search_schedule OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.vindexing_schedule (
    job_id bigint NOT NULL,
    slice smallint NOT NULL,
    xid xid8 NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    available_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_token bigint,
    worker text,
    dead_at timestamp with time zone,
    last_error text,
    CONSTRAINT vindexing_schedule_dead_has_no_worker CHECK (((dead_at IS NULL) OR (worker IS NULL))),
    CONSTRAINT vindexing_schedule_slice_exists CHECK (((slice >= 0) AND (slice <= 15))),
    CONSTRAINT vindexing_schedule_worker_has_lease CHECK (((worker IS NULL) OR (lease_token IS NOT NULL)))
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='200', autovacuum_vacuum_cost_delay='0', fillfactor='70');

ALTER TABLE ONLY memoriesdb.vindexing_schedule FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.vindexing_schedule OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.worker_heartbeats (
    worker text NOT NULL,
    duty text NOT NULL,
    version text NOT NULL,
    state text NOT NULL,
    jobs_done bigint DEFAULT 0 NOT NULL,
    jobs_failed bigint DEFAULT 0 NOT NULL,
    login name NOT NULL,
    started_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    sampled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sampled_done bigint DEFAULT 0 NOT NULL,
    resampled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    resampled_done bigint DEFAULT 0 NOT NULL,
    CONSTRAINT worker_heartbeats_state_is_known CHECK ((state = ANY (ARRAY['starting'::text, 'running'::text, 'paused'::text, 'stopping'::text, 'stopped'::text]))),
    CONSTRAINT worker_heartbeats_worker_is_short CHECK (((char_length(worker) >= 1) AND (char_length(worker) <= 200)))
)
WITH (fillfactor='50');

ALTER TABLE ONLY memoriesdb.worker_heartbeats FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.worker_heartbeats OWNER TO memoriesdb_owner;

CREATE VIEW memoriesdb.queue_status WITH (security_barrier='true') AS
 SELECT 'embedding'::text AS queue,
    m.name AS what,
    j.due,
    j.waiting,
    j.claimed,
    j.dead,
    j.oldest_at,
    j.last_error,
    j.expired,
    (clock_timestamp() - j.oldest_at) AS oldest_age,
    r.per_minute,
    make_interval(secs => (((60)::double precision * (sum(((j.due + j.waiting) + j.claimed)) OVER ())::double precision) / r.per_minute)) AS eta
   FROM ((( SELECT q.model_id,
            count(*) FILTER (WHERE ((q.dead_at IS NULL) AND (q.worker IS NULL) AND q.is_due)) AS due,
            count(*) FILTER (WHERE ((q.dead_at IS NULL) AND (q.worker IS NULL) AND (NOT q.is_due))) AS waiting,
            count(*) FILTER (WHERE (q.worker IS NOT NULL)) AS claimed,
            count(*) FILTER (WHERE ((q.dead_at IS NOT NULL) AND (q.dropped_at IS NULL))) AS dead,
            count(*) FILTER (WHERE ((q.worker IS NOT NULL) AND q.is_due)) AS expired,
            min(q.enqueued_at) FILTER (WHERE (q.dead_at IS NULL)) AS oldest_at,
            (array_agg(q.last_error ORDER BY q.job_id DESC) FILTER (WHERE ((q.last_error IS NOT NULL) AND (q.dropped_at IS NULL))))[1] AS last_error
           FROM ( SELECT a.job_id,
                    a.model_id,
                    a.worker,
                    a.enqueued_at,
                    a.dead_at,
                    a.dropped_at,
                    a.last_error,
                    ((a.turn IS NOT NULL) OR (a.available_at <= statement_timestamp())) AS is_due
                   FROM memoriesdb.embedding_schedule a
                  WHERE ( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues)
                UNION ALL
                 SELECT o.job_id,
                    o.model_id,
                    o.worker,
                    o.enqueued_at,
                    o.dead_at,
                    o.dropped_at,
                    o.last_error,
                    ((o.turn IS NOT NULL) OR (o.available_at <= statement_timestamp())) AS is_due
                   FROM memoriesdb.embedding_schedule o
                  WHERE ((o.owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) AND (NOT ( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues)))) q
          GROUP BY q.model_id) j
     JOIN memoriesdb.embedding_models m ON ((j.model_id = m.id)))
     CROSS JOIN ( SELECT (NULLIF(sum(((((h.jobs_done - h.sampled_done) * 60))::numeric / EXTRACT(epoch FROM (h.seen_at - h.sampled_at)))), (0)::numeric))::double precision AS per_minute
           FROM memoriesdb.worker_heartbeats h
          WHERE (( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues) AND (h.duty = 'embedding'::text) AND (h.seen_at > (statement_timestamp() - '00:02:00'::interval)) AND (h.seen_at > h.sampled_at))) r)
  WHERE ((((j.due + j.waiting) + j.claimed) + j.dead) > 0)
UNION ALL
 SELECT 'indexing'::text AS queue,
    'words'::text AS what,
    count(*) AS due,
    0 AS waiting,
    0 AS claimed,
    0 AS dead,
    min(s.enqueued_at) AS oldest_at,
    NULL::text AS last_error,
    0 AS expired,
    (clock_timestamp() - min(s.enqueued_at)) AS oldest_age,
    NULL::double precision AS per_minute,
    NULL::interval AS eta
   FROM memoriesdb.search_schedule s
  WHERE (( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues) OR (s.owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)))
 HAVING (count(*) > 0)
UNION ALL
 SELECT 'vindexing'::text AS queue,
    ('slice '::text || v.slice) AS what,
    count(*) FILTER (WHERE ((v.dead_at IS NULL) AND (v.worker IS NULL) AND (v.available_at <= clock_timestamp()))) AS due,
    count(*) FILTER (WHERE ((v.dead_at IS NULL) AND (v.worker IS NULL) AND (v.available_at > clock_timestamp()))) AS waiting,
    count(*) FILTER (WHERE (v.worker IS NOT NULL)) AS claimed,
    count(*) FILTER (WHERE (v.dead_at IS NOT NULL)) AS dead,
    min(v.enqueued_at) FILTER (WHERE (v.dead_at IS NULL)) AS oldest_at,
    (array_agg(v.last_error ORDER BY v.job_id DESC) FILTER (WHERE (v.last_error IS NOT NULL)))[1] AS last_error,
    count(*) FILTER (WHERE ((v.worker IS NOT NULL) AND (v.available_at <= clock_timestamp()))) AS expired,
    (clock_timestamp() - min(v.enqueued_at) FILTER (WHERE (v.dead_at IS NULL))) AS oldest_age,
    NULL::double precision AS per_minute,
    NULL::interval AS eta
   FROM memoriesdb.vindexing_schedule v
  WHERE ( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues)
  GROUP BY v.slice;

ALTER TABLE memoriesdb.queue_status OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.search_counts (
    owner_id uuid NOT NULL,
    count_id bigint NOT NULL,
    document_count bigint NOT NULL,
    word_count bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='500', autovacuum_vacuum_cost_delay='0');

ALTER TABLE ONLY memoriesdb.search_counts FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.search_counts OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.search_counts ALTER COLUMN count_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.search_counts_count_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb.service_assignments (
    service_id uuid NOT NULL,
    user_id uuid NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    CONSTRAINT service_assignments_is_not_to_oneself CHECK ((service_id <> user_id))
);

ALTER TABLE ONLY memoriesdb.service_assignments FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.service_assignments OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.settings (
    key text NOT NULL,
    value jsonb NOT NULL,
    default_value jsonb NOT NULL,
    minimum numeric,
    maximum numeric,
    description text NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT settings_number_is_within_bounds CHECK (
CASE
    WHEN (jsonb_typeof(value) = 'number'::text) THEN (((value)::numeric >= COALESCE(minimum, (value)::numeric)) AND ((value)::numeric <= COALESCE(maximum, (value)::numeric)))
    ELSE ((minimum IS NULL) AND (maximum IS NULL))
END),
    CONSTRAINT settings_value_has_type_of_default CHECK ((jsonb_typeof(value) = jsonb_typeof(default_value)))
);

ALTER TABLE ONLY memoriesdb.settings FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.settings OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.signing_keys (
    id integer NOT NULL,
    purpose text NOT NULL,
    key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT signing_keys_key_is_long CHECK ((octet_length(key) = 32)),
    CONSTRAINT signing_keys_purpose_is_known CHECK ((purpose = ANY (ARRAY['session'::text, 'query'::text]))),
    CONSTRAINT signing_keys_query_key_stays CHECK (((purpose = 'session'::text) OR (retired_at IS NULL)))
);

ALTER TABLE ONLY memoriesdb.signing_keys ALTER COLUMN purpose SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.signing_keys ALTER COLUMN key SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.signing_keys FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.signing_keys OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.signing_keys ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.signing_keys_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE VIEW memoriesdb.stranded_memories WITH (security_barrier='true') AS
 SELECT m.owner_id,
    m.id AS memory_id,
    o.id AS model_id,
    'embedding'::text AS queue
   FROM (memoriesdb.memories m
     CROSS JOIN memoriesdb.embedding_models o)
  WHERE ((( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues) OR (m.owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope))) AND o.is_enabled AND (NOT m.is_encrypted) AND (NOT (EXISTS ( SELECT 1
           FROM memoriesdb.memory_embeddings e
          WHERE ((e.owner_id = m.owner_id) AND (e.memory_id = m.id) AND (e.model_id = o.id) AND (e.text_hash = m.embedding_text_hash))))) AND (NOT (EXISTS ( SELECT 1
           FROM memoriesdb.embedding_schedule j
          WHERE ((j.owner_id = m.owner_id) AND (j.memory_id = m.id) AND (j.model_id = o.id))))))
UNION ALL
 SELECT d.owner_id,
    d.memory_id,
    NULL::uuid AS model_id,
    'indexing'::text AS queue
   FROM memoriesdb.memory_documents d
  WHERE ((( SELECT memoriesdb._sees_all_queues() AS _sees_all_queues) OR (d.owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope))) AND (NOT d.is_indexed) AND (NOT (EXISTS ( SELECT 1
           FROM memoriesdb.search_schedule s
          WHERE ((s.owner_id = d.owner_id) AND (s.doc = d.doc))))));

ALTER TABLE memoriesdb.stranded_memories OWNER TO memoriesdb_owner;

CREATE TABLE memoriesdb.users (
    id uuid NOT NULL,
    username text NOT NULL,
    email text,
    role text DEFAULT 'user'::text NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    db_role name,
    db_role_oid oid,
    created_at timestamp with time zone NOT NULL,
    deactivated_at timestamp with time zone,
    CONSTRAINT users_db_role_has_oid CHECK (((db_role IS NULL) = (db_role_oid IS NULL))),
    CONSTRAINT users_email_looks_like_one CHECK (((email ~ '^[^@\s]+@[^@\s]+$'::text) AND (char_length(email) <= 320))),
    CONSTRAINT users_inactive_has_time CHECK ((is_active = (deactivated_at IS NULL))),
    CONSTRAINT users_role_is_known CHECK ((role = ANY (ARRAY['admin'::text, 'user'::text, 'service'::text, 'viewer'::text]))),
    CONSTRAINT users_username_is_one_line CHECK ((username !~ '[\u0001-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]'::text)),
    CONSTRAINT users_username_is_short CHECK (((username = btrim(username)) AND ((char_length(username) >= 1) AND (char_length(username) <= 200))))
);

ALTER TABLE ONLY memoriesdb.users ALTER COLUMN username SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.users ALTER COLUMN email SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.users ALTER COLUMN role SET STATISTICS 0;

ALTER TABLE ONLY memoriesdb.users FORCE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.users OWNER TO memoriesdb_owner;

ALTER TABLE memoriesdb.vindexing_schedule ALTER COLUMN job_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME memoriesdb.vindexing_schedule_job_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE memoriesdb_system._installed_definition (
    kind text NOT NULL,
    identity text NOT NULL,
    sha256 bytea NOT NULL
);

ALTER TABLE memoriesdb_system._installed_definition OWNER TO postgres;

CREATE TABLE memoriesdb_system._installed_object (
    path text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE memoriesdb_system._installed_object OWNER TO postgres;

CREATE TABLE memoriesdb_system._python_module (
    name text NOT NULL,
    source text NOT NULL,
    sha256 bytea NOT NULL,
    CONSTRAINT _python_module_sha256_is_of_source CHECK ((sha256 = sha256(convert_to(source, 'UTF8'::name))))
);

ALTER TABLE memoriesdb_system._python_module OWNER TO postgres;

CREATE TABLE memoriesdb_system.alembic_version (
    version_num character varying(32) NOT NULL
);

ALTER TABLE memoriesdb_system.alembic_version OWNER TO postgres;

ALTER TABLE ONLY memoriesdb.audit_log ATTACH PARTITION memoriesdb.audit_log_000000 FOR VALUES FROM ('0') TO ('1000000');

ALTER TABLE ONLY memoriesdb.audit_log ATTACH PARTITION memoriesdb.audit_log_000001 FOR VALUES FROM ('1000000') TO ('2000000');

ALTER TABLE ONLY memoriesdb.audit_log ATTACH PARTITION memoriesdb.audit_log_000002 FOR VALUES FROM ('2000000') TO ('3000000');

ALTER TABLE ONLY memoriesdb.audit_log ATTACH PARTITION memoriesdb.audit_log_default DEFAULT;

ALTER TABLE ONLY memoriesdb.audit_payloads ATTACH PARTITION memoriesdb.audit_payloads_000000 FOR VALUES FROM ('0') TO ('1000000');

ALTER TABLE ONLY memoriesdb.audit_payloads ATTACH PARTITION memoriesdb.audit_payloads_000001 FOR VALUES FROM ('1000000') TO ('2000000');

ALTER TABLE ONLY memoriesdb.audit_payloads ATTACH PARTITION memoriesdb.audit_payloads_000002 FOR VALUES FROM ('2000000') TO ('3000000');

ALTER TABLE ONLY memoriesdb.audit_payloads ATTACH PARTITION memoriesdb.audit_payloads_default DEFAULT;

ALTER TABLE ONLY memoriesdb.access_log
    ADD CONSTRAINT access_log_pkey PRIMARY KEY (access_id);

ALTER TABLE ONLY memoriesdb.api_token_uses
    ADD CONSTRAINT api_token_uses_pkey PRIMARY KEY (token_id);

ALTER TABLE ONLY memoriesdb.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY memoriesdb.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_log_000000
    ADD CONSTRAINT audit_log_000000_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_log_000001
    ADD CONSTRAINT audit_log_000001_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_log_000002
    ADD CONSTRAINT audit_log_000002_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_log_default
    ADD CONSTRAINT audit_log_default_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads
    ADD CONSTRAINT audit_payloads_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads_000000
    ADD CONSTRAINT audit_payloads_000000_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads_000001
    ADD CONSTRAINT audit_payloads_000001_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads_000002
    ADD CONSTRAINT audit_payloads_000002_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.audit_payloads_default
    ADD CONSTRAINT audit_payloads_default_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY memoriesdb.embedding_batches
    ADD CONSTRAINT embedding_batches_pkey PRIMARY KEY (model_id, lease_token);

ALTER TABLE ONLY memoriesdb.embedding_models
    ADD CONSTRAINT embedding_models_name_is_unique UNIQUE (name);

ALTER TABLE ONLY memoriesdb.embedding_models
    ADD CONSTRAINT embedding_models_pkey PRIMARY KEY (id);

ALTER TABLE ONLY memoriesdb.embedding_schedule
    ADD CONSTRAINT embedding_schedule_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY memoriesdb.frequent_terms
    ADD CONSTRAINT frequent_terms_pkey PRIMARY KEY (owner_id, term) INCLUDE (document_count);

ALTER TABLE ONLY memoriesdb.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner_id, key_hash);

ALTER TABLE ONLY memoriesdb.ledger_archives
    ADD CONSTRAINT ledger_archives_pkey PRIMARY KEY (partition_no);

ALTER TABLE ONLY memoriesdb.ledger_blocks
    ADD CONSTRAINT ledger_blocks_pkey PRIMARY KEY (block_no);

ALTER TABLE ONLY memoriesdb.ledger_leaves
    ADD CONSTRAINT ledger_leaves_pkey PRIMARY KEY (block_no);

ALTER TABLE ONLY memoriesdb.ledger_state
    ADD CONSTRAINT ledger_state_pkey PRIMARY KEY (is_only_row);

ALTER TABLE ONLY memoriesdb.memories
    ADD CONSTRAINT memories_pkey PRIMARY KEY (owner_id, id);

ALTER TABLE ONLY memoriesdb.memory_documents
    ADD CONSTRAINT memory_documents_pkey PRIMARY KEY (owner_id, doc);

ALTER TABLE ONLY memoriesdb.memory_edges
    ADD CONSTRAINT memory_edges_pkey PRIMARY KEY (owner_id, source_id, target_id, relation);

ALTER TABLE ONLY memoriesdb.memory_embeddings
    ADD CONSTRAINT memory_embeddings_pkey PRIMARY KEY (owner_id, memory_id, model_id);

ALTER TABLE ONLY memoriesdb.memory_grants
    ADD CONSTRAINT memory_grants_pkey PRIMARY KEY (owner_id, memory_id, grantee_id);

ALTER TABLE ONLY memoriesdb.memory_holds
    ADD CONSTRAINT memory_holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY memoriesdb.memory_terms
    ADD CONSTRAINT memory_terms_pkey PRIMARY KEY (owner_id, term, doc) INCLUDE (frequency, word_count);

ALTER TABLE ONLY memoriesdb.memory_vector_indexes
    ADD CONSTRAINT memory_vector_indexes_pkey PRIMARY KEY (owner_id, model_id, generation);

ALTER TABLE ONLY memoriesdb.memory_versions
    ADD CONSTRAINT memory_versions_pkey PRIMARY KEY (owner_id, memory_id, version);

ALTER TABLE ONLY memoriesdb.owner_keys
    ADD CONSTRAINT owner_keys_pkey PRIMARY KEY (owner_id, key_id);

ALTER TABLE ONLY memoriesdb.query_embeddings
    ADD CONSTRAINT query_embeddings_pkey PRIMARY KEY (owner_id, model_id, query_hash);

ALTER TABLE ONLY memoriesdb.search_counts
    ADD CONSTRAINT search_counts_pkey PRIMARY KEY (owner_id, count_id);

ALTER TABLE ONLY memoriesdb.search_schedule
    ADD CONSTRAINT search_schedule_pkey PRIMARY KEY (owner_id, doc);

ALTER TABLE ONLY memoriesdb.service_assignments
    ADD CONSTRAINT service_assignments_pkey PRIMARY KEY (service_id, user_id);

ALTER TABLE ONLY memoriesdb.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (key);

ALTER TABLE ONLY memoriesdb.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY memoriesdb.users
    ADD CONSTRAINT users_db_role_is_unique UNIQUE (db_role);

ALTER TABLE ONLY memoriesdb.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY memoriesdb.vindexing_schedule
    ADD CONSTRAINT vindexing_schedule_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY memoriesdb.worker_heartbeats
    ADD CONSTRAINT worker_heartbeats_pkey PRIMARY KEY (worker, duty);

ALTER TABLE ONLY memoriesdb_system._installed_definition
    ADD CONSTRAINT _installed_definition_pkey PRIMARY KEY (kind, identity);

ALTER TABLE ONLY memoriesdb_system._installed_object
    ADD CONSTRAINT _installed_object_pkey PRIMARY KEY (path);

ALTER TABLE ONLY memoriesdb_system._python_module
    ADD CONSTRAINT _python_module_pkey PRIMARY KEY (name);

ALTER TABLE ONLY memoriesdb_system.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

CREATE UNIQUE INDEX _memory_graph_00_owner_id_source_id_target_id_relation_idx ON memoriesdb._memory_graph_00 USING btree (owner_id, source_id, target_id, relation);

CREATE INDEX _memory_graph_00_owner_id_target_id_idx ON memoriesdb._memory_graph_00 USING btree (owner_id, target_id);

CREATE INDEX access_log_owner_id_idx ON memoriesdb.access_log USING btree (owner_id, access_id);

CREATE INDEX access_log_user_id_idx ON memoriesdb.access_log USING btree (user_id, access_id);

CREATE INDEX api_tokens_user_id_idx ON memoriesdb.api_tokens USING btree (user_id);

CREATE INDEX audit_log_target_id_idx ON ONLY memoriesdb.audit_log USING btree (((row_key ->> 'target_id'::text))) WHERE (table_name = 'memory_edges'::name);

CREATE INDEX audit_log_000000_expr_idx ON memoriesdb.audit_log_000000 USING btree (((row_key ->> 'target_id'::text))) WHERE (table_name = 'memory_edges'::name);

CREATE INDEX audit_log_owner_id_row_id_idx ON ONLY memoriesdb.audit_log USING btree (owner_id, row_id, audit_id);

CREATE INDEX audit_log_000000_owner_id_row_id_audit_id_idx ON memoriesdb.audit_log_000000 USING btree (owner_id, row_id, audit_id);

CREATE INDEX audit_log_row_id_idx ON ONLY memoriesdb.audit_log USING btree (uuid_send(row_id)) WHERE ((table_name = 'memories'::name) AND (operation = ANY (ARRAY['DELETE'::text, 'TRANSFER'::text])));

CREATE INDEX audit_log_000000_uuid_send_idx ON memoriesdb.audit_log_000000 USING btree (uuid_send(row_id)) WHERE ((table_name = 'memories'::name) AND (operation = ANY (ARRAY['DELETE'::text, 'TRANSFER'::text])));

CREATE INDEX audit_log_000001_expr_idx ON memoriesdb.audit_log_000001 USING btree (((row_key ->> 'target_id'::text))) WHERE (table_name = 'memory_edges'::name);

CREATE INDEX audit_log_000001_owner_id_row_id_audit_id_idx ON memoriesdb.audit_log_000001 USING btree (owner_id, row_id, audit_id);

CREATE INDEX audit_log_000001_uuid_send_idx ON memoriesdb.audit_log_000001 USING btree (uuid_send(row_id)) WHERE ((table_name = 'memories'::name) AND (operation = ANY (ARRAY['DELETE'::text, 'TRANSFER'::text])));

CREATE INDEX audit_log_000002_expr_idx ON memoriesdb.audit_log_000002 USING btree (((row_key ->> 'target_id'::text))) WHERE (table_name = 'memory_edges'::name);

CREATE INDEX audit_log_000002_owner_id_row_id_audit_id_idx ON memoriesdb.audit_log_000002 USING btree (owner_id, row_id, audit_id);

CREATE INDEX audit_log_000002_uuid_send_idx ON memoriesdb.audit_log_000002 USING btree (uuid_send(row_id)) WHERE ((table_name = 'memories'::name) AND (operation = ANY (ARRAY['DELETE'::text, 'TRANSFER'::text])));

CREATE INDEX audit_log_default_expr_idx ON memoriesdb.audit_log_default USING btree (((row_key ->> 'target_id'::text))) WHERE (table_name = 'memory_edges'::name);

CREATE INDEX audit_log_default_owner_id_row_id_audit_id_idx ON memoriesdb.audit_log_default USING btree (owner_id, row_id, audit_id);

CREATE INDEX audit_log_default_uuid_send_idx ON memoriesdb.audit_log_default USING btree (uuid_send(row_id)) WHERE ((table_name = 'memories'::name) AND (operation = ANY (ARRAY['DELETE'::text, 'TRANSFER'::text])));

CREATE INDEX audit_payloads_owner_id_idx ON ONLY memoriesdb.audit_payloads USING btree (owner_id, audit_id);

CREATE INDEX audit_payloads_000000_owner_id_audit_id_idx ON memoriesdb.audit_payloads_000000 USING btree (owner_id, audit_id);

CREATE INDEX audit_payloads_000001_owner_id_audit_id_idx ON memoriesdb.audit_payloads_000001 USING btree (owner_id, audit_id);

CREATE INDEX audit_payloads_000002_owner_id_audit_id_idx ON memoriesdb.audit_payloads_000002 USING btree (owner_id, audit_id);

CREATE INDEX audit_payloads_default_owner_id_audit_id_idx ON memoriesdb.audit_payloads_default USING btree (owner_id, audit_id);

CREATE UNIQUE INDEX embedding_models_one_is_active_idx ON memoriesdb.embedding_models USING btree (is_active) WHERE is_active;

CREATE INDEX embedding_schedule_available_at_idx ON memoriesdb.embedding_schedule USING btree (available_at) WHERE ((turn IS NULL) AND (dead_at IS NULL));

CREATE INDEX embedding_schedule_dead_at_idx ON memoriesdb.embedding_schedule USING btree (dead_at) WHERE (dead_at IS NOT NULL);

CREATE INDEX embedding_schedule_model_id_turn_idx ON memoriesdb.embedding_schedule USING btree (model_id, turn) WHERE (turn IS NOT NULL);

CREATE INDEX embedding_schedule_owner_id_memory_id_idx ON memoriesdb.embedding_schedule USING btree (owner_id, memory_id);

CREATE INDEX embedding_schedule_owner_id_model_id_turn_idx ON memoriesdb.embedding_schedule USING btree (owner_id, model_id, turn) WHERE (turn IS NOT NULL);

CREATE UNIQUE INDEX embedding_schedule_unclaimed_idx ON memoriesdb.embedding_schedule USING btree (owner_id, memory_id, model_id) WHERE ((lease_token IS NULL) AND (dead_at IS NULL));

CREATE INDEX idempotency_keys_owner_id_created_at_idx ON memoriesdb.idempotency_keys USING btree (owner_id, created_at);

CREATE INDEX ledger_blocks_incarnation_last_xid_idx ON memoriesdb.ledger_blocks USING btree (incarnation, last_xid, last_audit_id);

CREATE INDEX memory_documents_stream_idx ON memoriesdb.memory_documents USING btree (owner_id, stream_id, occurred_at, doc) INCLUDE (memory_id, kind, speaker, expires_at, importance, trust);

CREATE INDEX memory_edges_owner_id_target_id_idx ON memoriesdb.memory_edges USING btree (owner_id, target_id);

CREATE INDEX memory_embeddings_nearest_idx ON memoriesdb.memory_embeddings USING btree (owner_id, model_id, doc) INCLUDE (embedding) WHERE (public.vector_dims(embedding) <= 1300);

CREATE INDEX memory_grants_grantee_id_memory_id_idx ON memoriesdb.memory_grants USING btree (grantee_id, memory_id);

CREATE UNIQUE INDEX memory_vector_indexes_owner_id_model_id_idx ON memoriesdb.memory_vector_indexes USING btree (owner_id, model_id) WHERE (state = 'ready'::text);

CREATE INDEX memory_versions_owner_id_valid_from_idx ON memoriesdb.memory_versions USING btree (owner_id, valid_from);

CREATE UNIQUE INDEX owner_keys_owner_id_idx ON memoriesdb.owner_keys USING btree (owner_id) WHERE (retired_at IS NULL);

CREATE INDEX service_assignments_user_id_idx ON memoriesdb.service_assignments USING btree (user_id);

CREATE UNIQUE INDEX signing_keys_purpose_idx ON memoriesdb.signing_keys USING btree (purpose) WHERE (retired_at IS NULL);

CREATE UNIQUE INDEX users_username_idx ON memoriesdb.users USING btree (((username || ''::text)));

ALTER INDEX memoriesdb.users_username_idx ALTER COLUMN 1 SET STATISTICS 0;

CREATE INDEX vindexing_schedule_slice_xid_idx ON memoriesdb.vindexing_schedule USING btree (slice, xid);

ALTER INDEX memoriesdb.audit_log_target_id_idx ATTACH PARTITION memoriesdb.audit_log_000000_expr_idx;

ALTER INDEX memoriesdb.audit_log_owner_id_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000000_owner_id_row_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_log_pkey ATTACH PARTITION memoriesdb.audit_log_000000_pkey;

ALTER INDEX memoriesdb.audit_log_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000000_uuid_send_idx;

ALTER INDEX memoriesdb.audit_log_target_id_idx ATTACH PARTITION memoriesdb.audit_log_000001_expr_idx;

ALTER INDEX memoriesdb.audit_log_owner_id_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000001_owner_id_row_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_log_pkey ATTACH PARTITION memoriesdb.audit_log_000001_pkey;

ALTER INDEX memoriesdb.audit_log_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000001_uuid_send_idx;

ALTER INDEX memoriesdb.audit_log_target_id_idx ATTACH PARTITION memoriesdb.audit_log_000002_expr_idx;

ALTER INDEX memoriesdb.audit_log_owner_id_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000002_owner_id_row_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_log_pkey ATTACH PARTITION memoriesdb.audit_log_000002_pkey;

ALTER INDEX memoriesdb.audit_log_row_id_idx ATTACH PARTITION memoriesdb.audit_log_000002_uuid_send_idx;

ALTER INDEX memoriesdb.audit_log_target_id_idx ATTACH PARTITION memoriesdb.audit_log_default_expr_idx;

ALTER INDEX memoriesdb.audit_log_owner_id_row_id_idx ATTACH PARTITION memoriesdb.audit_log_default_owner_id_row_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_log_pkey ATTACH PARTITION memoriesdb.audit_log_default_pkey;

ALTER INDEX memoriesdb.audit_log_row_id_idx ATTACH PARTITION memoriesdb.audit_log_default_uuid_send_idx;

ALTER INDEX memoriesdb.audit_payloads_owner_id_idx ATTACH PARTITION memoriesdb.audit_payloads_000000_owner_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_payloads_pkey ATTACH PARTITION memoriesdb.audit_payloads_000000_pkey;

ALTER INDEX memoriesdb.audit_payloads_owner_id_idx ATTACH PARTITION memoriesdb.audit_payloads_000001_owner_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_payloads_pkey ATTACH PARTITION memoriesdb.audit_payloads_000001_pkey;

ALTER INDEX memoriesdb.audit_payloads_owner_id_idx ATTACH PARTITION memoriesdb.audit_payloads_000002_owner_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_payloads_pkey ATTACH PARTITION memoriesdb.audit_payloads_000002_pkey;

ALTER INDEX memoriesdb.audit_payloads_owner_id_idx ATTACH PARTITION memoriesdb.audit_payloads_default_owner_id_audit_id_idx;

ALTER INDEX memoriesdb.audit_payloads_pkey ATTACH PARTITION memoriesdb.audit_payloads_default_pkey;

CREATE TRIGGER _100_line_up BEFORE INSERT ON memoriesdb.embedding_schedule FOR EACH ROW WHEN (((new.turn IS NULL) AND (new.worker IS NULL) AND (new.dead_at IS NULL))) EXECUTE FUNCTION memoriesdb.tg_embedding_schedule__line_up();

ALTER TABLE memoriesdb.embedding_schedule ENABLE ALWAYS TRIGGER _100_line_up;

CREATE TRIGGER _100_require_user BEFORE INSERT ON memoriesdb.memories FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__require_user();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _100_require_user;

CREATE TRIGGER _100_stamp BEFORE INSERT OR UPDATE ON memoriesdb.memories FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_memories__stamp();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _100_stamp;

CREATE TRIGGER _100_stamp BEFORE INSERT OR UPDATE ON memoriesdb.memory_edges FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_memory_edges__stamp();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _100_stamp;

CREATE TRIGGER _110_change_line BEFORE UPDATE OF priority ON memoriesdb.embedding_schedule FOR EACH ROW WHEN (((new.turn IS NOT NULL) AND ((old.priority < 100) IS DISTINCT FROM (new.priority < 100)))) EXECUTE FUNCTION memoriesdb.tg_embedding_schedule__line_up();

ALTER TABLE memoriesdb.embedding_schedule ENABLE ALWAYS TRIGGER _110_change_line;

CREATE TRIGGER _500_held AFTER DELETE OR UPDATE ON memoriesdb.owner_keys FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_owner_keys__held();

ALTER TABLE memoriesdb.owner_keys ENABLE ALWAYS TRIGGER _500_held;

CREATE TRIGGER _500_held_delete AFTER DELETE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__held();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_held_delete;

CREATE TRIGGER _500_held_update AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__held();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_held_update;

CREATE TRIGGER _500_limit_delete AFTER DELETE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((current_setting('app.session'::text, true) <> ''::text)) EXECUTE FUNCTION memoriesdb.tg_memories__limit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_limit_delete;

CREATE TRIGGER _500_limit_insert AFTER INSERT ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((current_setting('app.session'::text, true) <> ''::text)) EXECUTE FUNCTION memoriesdb.tg_memories__limit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_limit_insert;

CREATE TRIGGER _500_limit_tokens AFTER UPDATE OF value ON memoriesdb.settings FOR EACH ROW WHEN (((old.key = ANY (ARRAY['token_writes_per_minute'::text, 'token_recalls_per_minute'::text])) AND (old.value <> new.value))) EXECUTE FUNCTION memoriesdb.tg_settings__limit_tokens();

ALTER TABLE memoriesdb.settings ENABLE ALWAYS TRIGGER _500_limit_tokens;

CREATE TRIGGER _500_limit_update AFTER UPDATE ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT WHEN ((current_setting('app.session'::text, true) <> ''::text)) EXECUTE FUNCTION memoriesdb.tg_memories__limit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_limit_update;

CREATE TRIGGER _500_require_user_delete AFTER DELETE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__require_user();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_require_user_delete;

CREATE TRIGGER _500_require_user_insert AFTER INSERT ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__require_user();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_require_user_insert;

CREATE TRIGGER _500_require_user_update AFTER UPDATE ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__require_user();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_require_user_update;

CREATE TRIGGER _500_search_delete AFTER DELETE ON memoriesdb.memories FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_memories__search_remove();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_search_delete;

CREATE TRIGGER _500_search_insert AFTER INSERT ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__search_insert();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_search_insert;

CREATE TRIGGER _500_search_update AFTER UPDATE ON memoriesdb.memories FOR EACH ROW WHEN (((new.search IS DISTINCT FROM old.search) OR (new.forgotten_at IS DISTINCT FROM old.forgotten_at))) EXECUTE FUNCTION memoriesdb.tg_memories__search_remove();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_search_update;

CREATE TRIGGER _500_version_delete AFTER DELETE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__version();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_version_delete;

CREATE TRIGGER _500_version_update AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__version();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _500_version_update;

CREATE TRIGGER _510_search_change AFTER UPDATE ON memoriesdb.memories FOR EACH ROW WHEN (((new.search IS DISTINCT FROM old.search) OR (new.forgotten_at IS DISTINCT FROM old.forgotten_at) OR (new.kind <> old.kind) OR (new.stream IS DISTINCT FROM old.stream) OR ((new.metadata -> 'speaker'::text) IS DISTINCT FROM (old.metadata -> 'speaker'::text)) OR (new.occurred_at <> old.occurred_at) OR (new.expires_at IS DISTINCT FROM old.expires_at) OR (new.importance <> old.importance) OR (new.trust <> old.trust))) EXECUTE FUNCTION memoriesdb.tg_memories__search_change();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _510_search_change;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.api_tokens FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('user_id', 'id', 'id', 'token_hash');

ALTER TABLE memoriesdb.api_tokens ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.embedding_models FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('', 'id', 'id', '');

ALTER TABLE memoriesdb.embedding_models ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.memory_grants FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('owner_id', 'memory_id', 'owner_id,memory_id,grantee_id', '');

ALTER TABLE memoriesdb.memory_grants ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.memory_holds FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('owner_id', 'memory_id', 'id', '');

ALTER TABLE memoriesdb.memory_holds ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.owner_keys FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('owner_id', '', 'owner_id,key_id', 'wrapped_key');

ALTER TABLE memoriesdb.owner_keys ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.service_assignments FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('user_id', 'service_id', 'service_id,user_id', '');

ALTER TABLE memoriesdb.service_assignments ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.settings FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('', '', 'key', 'description');

ALTER TABLE memoriesdb.settings ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.signing_keys FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('', '', 'id', 'key');

ALTER TABLE memoriesdb.signing_keys ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit AFTER INSERT OR DELETE OR UPDATE ON memoriesdb.users FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_audit_rows('id', 'id', 'id', '');

ALTER TABLE memoriesdb.users ENABLE ALWAYS TRIGGER _900_audit;

CREATE TRIGGER _900_audit_delete AFTER DELETE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__audit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _900_audit_delete;

CREATE TRIGGER _900_audit_delete AFTER DELETE ON memoriesdb.memory_edges REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__audit();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _900_audit_delete;

CREATE TRIGGER _900_audit_delete AFTER DELETE ON memoriesdb.memory_embeddings REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_embeddings__audit();

ALTER TABLE memoriesdb.memory_embeddings ENABLE ALWAYS TRIGGER _900_audit_delete;

CREATE TRIGGER _900_audit_insert AFTER INSERT ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__audit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _900_audit_insert;

CREATE TRIGGER _900_audit_insert AFTER INSERT ON memoriesdb.memory_edges REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__audit();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _900_audit_insert;

CREATE TRIGGER _900_audit_insert AFTER INSERT ON memoriesdb.memory_embeddings REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_embeddings__audit();

ALTER TABLE memoriesdb.memory_embeddings ENABLE ALWAYS TRIGGER _900_audit_insert;

CREATE TRIGGER _900_audit_update AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__audit();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _900_audit_update;

CREATE TRIGGER _900_audit_update AFTER UPDATE ON memoriesdb.memory_edges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__audit();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _900_audit_update;

CREATE TRIGGER _900_audit_update AFTER UPDATE ON memoriesdb.memory_embeddings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_embeddings__audit();

ALTER TABLE memoriesdb.memory_embeddings ENABLE ALWAYS TRIGGER _900_audit_update;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.access_log FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change_but_erasure();

ALTER TABLE memoriesdb.access_log ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.audit_log FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change();

ALTER TABLE memoriesdb.audit_log ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.audit_payloads FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change_but_erasure();

ALTER TABLE memoriesdb.audit_payloads ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.ledger_archives FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change();

ALTER TABLE memoriesdb.ledger_archives ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.ledger_blocks FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change();

ALTER TABLE memoriesdb.ledger_blocks ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_change BEFORE DELETE OR UPDATE ON memoriesdb.ledger_leaves FOR EACH ROW EXECUTE FUNCTION memoriesdb.tg_refuse_change();

ALTER TABLE memoriesdb.ledger_leaves ENABLE ALWAYS TRIGGER _900_refuse_change;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.access_log FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.access_log ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.api_token_uses FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.api_token_uses ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.api_tokens FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.api_tokens ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_log FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_log ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_log_000000 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_log_000000 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_log_000001 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_log_000001 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_log_000002 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_log_000002 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_log_default FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_log_default ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_payloads FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_payloads ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_payloads_000000 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_payloads_000000 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_payloads_000001 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_payloads_000001 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_payloads_000002 FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_payloads_000002 ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.audit_payloads_default FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.audit_payloads_default ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.embedding_models FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.embedding_models ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.frequent_terms FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.frequent_terms ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.idempotency_keys FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.idempotency_keys ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.ledger_archives FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.ledger_archives ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.ledger_blocks FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.ledger_blocks ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.ledger_leaves FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.ledger_leaves ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.ledger_state FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.ledger_state ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memories FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_documents FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_documents ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_edges FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_embeddings FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_embeddings ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_grants FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_grants ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_holds FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_holds ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_terms FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_terms ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.memory_versions FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.memory_versions ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.owner_keys FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.owner_keys ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.search_counts FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.search_counts ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.search_schedule FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.search_schedule ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.service_assignments FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.service_assignments ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.settings FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.settings ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.signing_keys FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.signing_keys ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _900_refuse_truncate BEFORE TRUNCATE ON memoriesdb.users FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_refuse_truncate();

ALTER TABLE memoriesdb.users ENABLE ALWAYS TRIGGER _900_refuse_truncate;

CREATE TRIGGER _910_queue_delete AFTER DELETE ON memoriesdb.memory_edges REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__queue();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _910_queue_delete;

CREATE TRIGGER _910_queue_embedding_insert AFTER INSERT ON memoriesdb.memories REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__queue_embedding();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _910_queue_embedding_insert;

CREATE TRIGGER _910_queue_embedding_update AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__queue_embedding();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _910_queue_embedding_update;

CREATE TRIGGER _910_queue_graph AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__queue_graph();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _910_queue_graph;

CREATE TRIGGER _910_queue_insert AFTER INSERT ON memoriesdb.memory_edges REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__queue();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _910_queue_insert;

CREATE TRIGGER _910_queue_update AFTER UPDATE ON memoriesdb.memory_edges REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__queue();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _910_queue_update;

CREATE TRIGGER _950_limit_trust AFTER UPDATE ON memoriesdb.memories REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memories__limit_trust();

ALTER TABLE memoriesdb.memories ENABLE ALWAYS TRIGGER _950_limit_trust;

CREATE TRIGGER _950_limit_trust AFTER INSERT ON memoriesdb.memory_edges REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION memoriesdb.tg_memory_edges__limit_trust();

ALTER TABLE memoriesdb.memory_edges ENABLE ALWAYS TRIGGER _950_limit_trust;

ALTER TABLE ONLY memoriesdb.api_token_uses
    ADD CONSTRAINT api_token_uses_token_exists FOREIGN KEY (token_id) REFERENCES memoriesdb.api_tokens(id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.api_tokens
    ADD CONSTRAINT api_tokens_user_exists FOREIGN KEY (user_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.embedding_schedule
    ADD CONSTRAINT embedding_schedule_memory_exists FOREIGN KEY (owner_id, memory_id) REFERENCES memoriesdb.memories(owner_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.embedding_schedule
    ADD CONSTRAINT embedding_schedule_model_exists FOREIGN KEY (model_id) REFERENCES memoriesdb.embedding_models(id);

ALTER TABLE ONLY memoriesdb.memories
    ADD CONSTRAINT memories_owner_is_user FOREIGN KEY (owner_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.memory_edges
    ADD CONSTRAINT memory_edges_source_exists FOREIGN KEY (owner_id, source_id) REFERENCES memoriesdb.memories(owner_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.memory_edges
    ADD CONSTRAINT memory_edges_target_exists FOREIGN KEY (owner_id, target_id) REFERENCES memoriesdb.memories(owner_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.memory_embeddings
    ADD CONSTRAINT memory_embeddings_memory_exists FOREIGN KEY (owner_id, memory_id) REFERENCES memoriesdb.memories(owner_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.memory_embeddings
    ADD CONSTRAINT memory_embeddings_model_exists FOREIGN KEY (model_id) REFERENCES memoriesdb.embedding_models(id);

ALTER TABLE ONLY memoriesdb.memory_grants
    ADD CONSTRAINT memory_grants_grantee_is_user FOREIGN KEY (grantee_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.memory_grants
    ADD CONSTRAINT memory_grants_memory_exists FOREIGN KEY (owner_id, memory_id) REFERENCES memoriesdb.memories(owner_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.memory_vector_indexes
    ADD CONSTRAINT memory_vector_indexes_model_exists FOREIGN KEY (model_id) REFERENCES memoriesdb.embedding_models(id);

ALTER TABLE ONLY memoriesdb.owner_keys
    ADD CONSTRAINT owner_keys_owner_is_user FOREIGN KEY (owner_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.query_embeddings
    ADD CONSTRAINT query_embeddings_model_exists FOREIGN KEY (model_id) REFERENCES memoriesdb.embedding_models(id) ON DELETE CASCADE;

ALTER TABLE ONLY memoriesdb.query_embeddings
    ADD CONSTRAINT query_embeddings_owner_is_user FOREIGN KEY (owner_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.service_assignments
    ADD CONSTRAINT service_assignments_service_exists FOREIGN KEY (service_id) REFERENCES memoriesdb.users(id);

ALTER TABLE ONLY memoriesdb.service_assignments
    ADD CONSTRAINT service_assignments_user_exists FOREIGN KEY (user_id) REFERENCES memoriesdb.users(id);

ALTER TABLE memoriesdb.access_log ENABLE ROW LEVEL SECURITY;

CREATE POLICY access_log_all_gate ON memoriesdb.access_log AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(user_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope))));

CREATE POLICY access_log_all_system ON memoriesdb.access_log TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY access_log_delete_eraser ON memoriesdb.access_log FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY access_log_select_auditor ON memoriesdb.access_log FOR SELECT TO memoriesdb_auditor USING (true);

CREATE POLICY access_log_select_eraser ON memoriesdb.access_log FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY access_log_select_owner ON memoriesdb.access_log FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY access_log_select_self ON memoriesdb.access_log FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((user_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.api_token_uses ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_token_uses_all_system ON memoriesdb.api_token_uses TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY api_token_uses_delete_eraser ON memoriesdb.api_token_uses FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY api_token_uses_select_admin ON memoriesdb.api_token_uses FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY api_token_uses_select_admin_user ON memoriesdb.api_token_uses FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL));

CREATE POLICY api_token_uses_select_eraser ON memoriesdb.api_token_uses FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.api_tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY api_tokens_all_gate ON memoriesdb.api_tokens AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(user_id, ( SELECT memoriesdb.current_user_id() AS current_user_id)) OR (( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL)));

CREATE POLICY api_tokens_all_system ON memoriesdb.api_tokens TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY api_tokens_delete_eraser ON memoriesdb.api_tokens FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY api_tokens_select_admin ON memoriesdb.api_tokens FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY api_tokens_select_admin_user ON memoriesdb.api_tokens FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL));

CREATE POLICY api_tokens_select_eraser ON memoriesdb.api_tokens FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY api_tokens_select_self ON memoriesdb.api_tokens FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((user_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.audit_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_log_000000 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_log_000000_all_system ON memoriesdb.audit_log_000000 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_log_000001 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_log_000001_all_system ON memoriesdb.audit_log_000001 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_log_000002 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_log_000002_all_system ON memoriesdb.audit_log_000002 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY audit_log_all_gate ON memoriesdb.audit_log AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING (memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY audit_log_all_system ON memoriesdb.audit_log TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_log_default ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_log_default_all_system ON memoriesdb.audit_log_default TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY audit_log_select_auditor ON memoriesdb.audit_log FOR SELECT TO memoriesdb_auditor USING (true);

CREATE POLICY audit_log_select_eraser ON memoriesdb.audit_log FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY audit_log_select_owner ON memoriesdb.audit_log FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.audit_payloads ENABLE ROW LEVEL SECURITY;

ALTER TABLE memoriesdb.audit_payloads_000000 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_payloads_000000_all_system ON memoriesdb.audit_payloads_000000 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_payloads_000001 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_payloads_000001_all_system ON memoriesdb.audit_payloads_000001 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_payloads_000002 ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_payloads_000002_all_system ON memoriesdb.audit_payloads_000002 TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY audit_payloads_all_gate ON memoriesdb.audit_payloads AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING (memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY audit_payloads_all_system ON memoriesdb.audit_payloads TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.audit_payloads_default ENABLE ROW LEVEL SECURITY;

CREATE POLICY audit_payloads_default_all_system ON memoriesdb.audit_payloads_default TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY audit_payloads_delete_eraser ON memoriesdb.audit_payloads FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY audit_payloads_select_eraser ON memoriesdb.audit_payloads FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY audit_payloads_select_owner ON memoriesdb.audit_payloads FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.embedding_batches ENABLE ROW LEVEL SECURITY;

CREATE POLICY embedding_batches_all_system ON memoriesdb.embedding_batches TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.embedding_models ENABLE ROW LEVEL SECURITY;

CREATE POLICY embedding_models_all_system ON memoriesdb.embedding_models TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY embedding_models_select_all ON memoriesdb.embedding_models FOR SELECT TO memoriesdb_app, memoriesdb_client, memoriesdb_admin USING (true);

ALTER TABLE memoriesdb.embedding_schedule ENABLE ROW LEVEL SECURITY;

CREATE POLICY embedding_schedule_all_system ON memoriesdb.embedding_schedule TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY embedding_schedule_delete_eraser ON memoriesdb.embedding_schedule FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY embedding_schedule_select_eraser ON memoriesdb.embedding_schedule FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.frequent_terms ENABLE ROW LEVEL SECURITY;

CREATE POLICY frequent_terms_all_system ON memoriesdb.frequent_terms TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY frequent_terms_delete_eraser ON memoriesdb.frequent_terms FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY frequent_terms_select_eraser ON memoriesdb.frequent_terms FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_all_system ON memoriesdb.idempotency_keys TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY idempotency_keys_delete_eraser ON memoriesdb.idempotency_keys FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY idempotency_keys_select_eraser ON memoriesdb.idempotency_keys FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.ledger_archives ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_archives_all_system ON memoriesdb.ledger_archives TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY ledger_archives_select_all ON memoriesdb.ledger_archives FOR SELECT TO memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor USING (true);

CREATE POLICY ledger_archives_select_eraser ON memoriesdb.ledger_archives FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.ledger_blocks ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_blocks_all_system ON memoriesdb.ledger_blocks TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY ledger_blocks_select_all ON memoriesdb.ledger_blocks FOR SELECT TO memoriesdb_app, memoriesdb_client, memoriesdb_admin, memoriesdb_auditor USING (true);

ALTER TABLE memoriesdb.ledger_leaves ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_leaves_all_system ON memoriesdb.ledger_leaves TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY ledger_leaves_select_auditor ON memoriesdb.ledger_leaves FOR SELECT TO memoriesdb_auditor USING (true);

ALTER TABLE memoriesdb.ledger_state ENABLE ROW LEVEL SECURITY;

CREATE POLICY ledger_state_all_system ON memoriesdb.ledger_state TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.memories ENABLE ROW LEVEL SECURITY;

CREATE POLICY memories_all_gate ON memoriesdb.memories AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR (memoriesdb._gate_position(( SELECT memoriesdb._granted_ids('read'::text) AS _granted_ids), id) IS NOT NULL))) WITH CHECK (true);

CREATE POLICY memories_all_system ON memoriesdb.memories TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memories_delete_eraser ON memoriesdb.memories FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memories_delete_owner ON memoriesdb.memories FOR DELETE TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

CREATE POLICY memories_insert_owner ON memoriesdb.memories FOR INSERT TO memoriesdb_app, memoriesdb_client WITH CHECK ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

CREATE POLICY memories_select_eraser ON memoriesdb.memories FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY memories_select_grantee ON memoriesdb.memories FOR SELECT TO memoriesdb_app, memoriesdb_client USING (((id = ANY (( SELECT memoriesdb._granted_ids('read'::text) AS _granted_ids)::uuid[])) AND (owner_id = ANY (( SELECT memoriesdb._grantors('read'::text) AS _grantors)::uuid[]))));

CREATE POLICY memories_select_owner ON memoriesdb.memories FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY memories_update_grantee ON memoriesdb.memories FOR UPDATE TO memoriesdb_app, memoriesdb_client USING (((id = ANY (( SELECT memoriesdb._granted_ids('write'::text) AS _granted_ids)::uuid[])) AND (owner_id = ANY (( SELECT memoriesdb._grantors('write'::text) AS _grantors)::uuid[])) AND (( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope) IS NOT NULL))) WITH CHECK (((id = ANY (( SELECT memoriesdb._granted_ids('write'::text) AS _granted_ids)::uuid[])) AND (owner_id = ANY (( SELECT memoriesdb._grantors('write'::text) AS _grantors)::uuid[])) AND (( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope) IS NOT NULL)));

CREATE POLICY memories_update_owner ON memoriesdb.memories FOR UPDATE TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope))) WITH CHECK ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_documents ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_documents_all_system ON memoriesdb.memory_documents TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.memory_edges ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_edges_all_gate ON memoriesdb.memory_edges AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)))) WITH CHECK (true);

CREATE POLICY memory_edges_all_system ON memoriesdb.memory_edges TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_edges_delete_eraser ON memoriesdb.memory_edges FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memory_edges_delete_owner ON memoriesdb.memory_edges FOR DELETE TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

CREATE POLICY memory_edges_insert_owner ON memoriesdb.memory_edges FOR INSERT TO memoriesdb_app, memoriesdb_client WITH CHECK ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

CREATE POLICY memory_edges_select_eraser ON memoriesdb.memory_edges FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY memory_edges_select_owner ON memoriesdb.memory_edges FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY memory_edges_update_owner ON memoriesdb.memory_edges FOR UPDATE TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope))) WITH CHECK ((owner_id = ( SELECT memoriesdb._user_with_scope('write'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_embeddings ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_embeddings_all_gate ON memoriesdb.memory_embeddings AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR (memoriesdb._gate_position(( SELECT memoriesdb._granted_ids('read'::text) AS _granted_ids), memory_id) IS NOT NULL)));

CREATE POLICY memory_embeddings_all_system ON memoriesdb.memory_embeddings TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_embeddings_delete_eraser ON memoriesdb.memory_embeddings FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memory_embeddings_select_eraser ON memoriesdb.memory_embeddings FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY memory_embeddings_select_grantee ON memoriesdb.memory_embeddings FOR SELECT TO memoriesdb_app, memoriesdb_client USING (((memory_id = ANY (( SELECT memoriesdb._granted_ids('read'::text) AS _granted_ids)::uuid[])) AND (owner_id = ANY (( SELECT memoriesdb._grantors('read'::text) AS _grantors)::uuid[]))));

CREATE POLICY memory_embeddings_select_owner ON memoriesdb.memory_embeddings FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_grants ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_grants_all_gate ON memoriesdb.memory_grants AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR memoriesdb._gate_equal(grantee_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope))));

CREATE POLICY memory_grants_all_system ON memoriesdb.memory_grants TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_grants_delete_eraser ON memoriesdb.memory_grants FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memory_grants_select_eraser ON memoriesdb.memory_grants FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY memory_grants_select_grantee ON memoriesdb.memory_grants FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((grantee_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY memory_grants_select_owner ON memoriesdb.memory_grants FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_holds ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_holds_all_gate ON memoriesdb.memory_holds AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)) OR (( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL)));

CREATE POLICY memory_holds_all_system ON memoriesdb.memory_holds TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_holds_select_admin ON memoriesdb.memory_holds FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY memory_holds_select_admin_user ON memoriesdb.memory_holds FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL));

CREATE POLICY memory_holds_select_auditor ON memoriesdb.memory_holds FOR SELECT TO memoriesdb_auditor USING (true);

CREATE POLICY memory_holds_select_owner ON memoriesdb.memory_holds FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.memory_terms ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_terms_all_system ON memoriesdb.memory_terms TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.memory_vector_indexes ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_vector_indexes_all_system ON memoriesdb.memory_vector_indexes TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_vector_indexes_delete_eraser ON memoriesdb.memory_vector_indexes FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memory_vector_indexes_select_admin ON memoriesdb.memory_vector_indexes FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY memory_vector_indexes_select_eraser ON memoriesdb.memory_vector_indexes FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.memory_versions ENABLE ROW LEVEL SECURITY;

CREATE POLICY memory_versions_all_gate ON memoriesdb.memory_versions AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING (memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY memory_versions_all_system ON memoriesdb.memory_versions TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY memory_versions_delete_eraser ON memoriesdb.memory_versions FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY memory_versions_select_eraser ON memoriesdb.memory_versions FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY memory_versions_select_owner ON memoriesdb.memory_versions FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.owner_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY owner_keys_all_gate ON memoriesdb.owner_keys AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING (memoriesdb._gate_equal(owner_id, ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY owner_keys_all_system ON memoriesdb.owner_keys TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY owner_keys_delete_eraser ON memoriesdb.owner_keys FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY owner_keys_select_eraser ON memoriesdb.owner_keys FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY owner_keys_select_owner ON memoriesdb.owner_keys FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((owner_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.query_embeddings ENABLE ROW LEVEL SECURITY;

CREATE POLICY query_embeddings_all_system ON memoriesdb.query_embeddings TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY query_embeddings_delete_eraser ON memoriesdb.query_embeddings FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY query_embeddings_select_eraser ON memoriesdb.query_embeddings FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.search_counts ENABLE ROW LEVEL SECURITY;

CREATE POLICY search_counts_all_system ON memoriesdb.search_counts TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY search_counts_delete_eraser ON memoriesdb.search_counts FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY search_counts_select_eraser ON memoriesdb.search_counts FOR SELECT TO memoriesdb_eraser USING (true);

ALTER TABLE memoriesdb.search_schedule ENABLE ROW LEVEL SECURITY;

CREATE POLICY search_schedule_all_system ON memoriesdb.search_schedule TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.service_assignments ENABLE ROW LEVEL SECURITY;

CREATE POLICY service_assignments_all_gate ON memoriesdb.service_assignments AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(service_id, ( SELECT memoriesdb.current_user_id() AS current_user_id)) OR memoriesdb._gate_equal(user_id, ( SELECT memoriesdb.current_user_id() AS current_user_id)) OR (( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL)));

CREATE POLICY service_assignments_all_system ON memoriesdb.service_assignments TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY service_assignments_delete_eraser ON memoriesdb.service_assignments FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY service_assignments_select_admin ON memoriesdb.service_assignments FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY service_assignments_select_admin_user ON memoriesdb.service_assignments FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL));

CREATE POLICY service_assignments_select_eraser ON memoriesdb.service_assignments FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY service_assignments_select_service ON memoriesdb.service_assignments FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((service_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

CREATE POLICY service_assignments_select_user ON memoriesdb.service_assignments FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((user_id = ( SELECT memoriesdb._user_with_scope('read'::text) AS _user_with_scope)));

ALTER TABLE memoriesdb.settings ENABLE ROW LEVEL SECURITY;

CREATE POLICY settings_all_system ON memoriesdb.settings TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY settings_select_admin ON memoriesdb.settings FOR SELECT TO memoriesdb_admin USING (true);

ALTER TABLE memoriesdb.signing_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY signing_keys_all_signer ON memoriesdb.signing_keys TO memoriesdb_signer USING (true) WITH CHECK (true);

CREATE POLICY signing_keys_all_system ON memoriesdb.signing_keys TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY users_all_gate ON memoriesdb.users AS RESTRICTIVE TO memoriesdb_app, memoriesdb_client USING ((memoriesdb._gate_equal(id, ( SELECT memoriesdb.current_user_id() AS current_user_id)) OR (( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL)));

CREATE POLICY users_all_system ON memoriesdb.users TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY users_delete_eraser ON memoriesdb.users FOR DELETE TO memoriesdb_eraser USING (true);

CREATE POLICY users_select_admin ON memoriesdb.users FOR SELECT TO memoriesdb_admin USING (true);

CREATE POLICY users_select_admin_user ON memoriesdb.users FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((( SELECT memoriesdb._user_with_scope('admin'::text) AS _user_with_scope) IS NOT NULL));

CREATE POLICY users_select_eraser ON memoriesdb.users FOR SELECT TO memoriesdb_eraser USING (true);

CREATE POLICY users_select_self ON memoriesdb.users FOR SELECT TO memoriesdb_app, memoriesdb_client USING ((id = ( SELECT memoriesdb.current_user_id() AS current_user_id)));

ALTER TABLE memoriesdb.vindexing_schedule ENABLE ROW LEVEL SECURITY;

CREATE POLICY vindexing_schedule_all_system ON memoriesdb.vindexing_schedule TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

ALTER TABLE memoriesdb.worker_heartbeats ENABLE ROW LEVEL SECURITY;

CREATE POLICY worker_heartbeats_all_system ON memoriesdb.worker_heartbeats TO memoriesdb_owner, memoriesdb_definer USING (true) WITH CHECK (true);

CREATE POLICY worker_heartbeats_select_admin ON memoriesdb.worker_heartbeats FOR SELECT TO memoriesdb_admin, memoriesdb_auditor USING (true);

GRANT SELECT ON TABLE memoriesdb.ledger_archives TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.ledger_archives TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.ledger_archives TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.ledger_archives TO memoriesdb_auditor;

GRANT SELECT,INSERT ON TABLE memoriesdb.ledger_archives TO memoriesdb_definer;

GRANT SELECT(first_audit_id) ON TABLE memoriesdb.ledger_archives TO memoriesdb_eraser;

GRANT SELECT(last_audit_id) ON TABLE memoriesdb.ledger_archives TO memoriesdb_eraser;

GRANT SELECT ON TABLE memoriesdb.ledger_blocks TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.ledger_blocks TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.ledger_blocks TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.ledger_blocks TO memoriesdb_auditor;

GRANT SELECT,INSERT ON TABLE memoriesdb.ledger_blocks TO memoriesdb_definer;

GRANT SELECT,DELETE ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT SELECT,DELETE ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.memories TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT INSERT(owner_id) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(owner_id) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT SELECT(id) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT INSERT(kind),UPDATE(kind) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(kind),UPDATE(kind) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(content),UPDATE(content) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(content),UPDATE(content) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT SELECT(content_hash) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT INSERT(metadata),UPDATE(metadata) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(metadata),UPDATE(metadata) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(stream),UPDATE(stream) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(stream),UPDATE(stream) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(importance),UPDATE(importance) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(importance),UPDATE(importance) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(trust),UPDATE(trust) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(trust),UPDATE(trust) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(trust_limit),UPDATE(trust_limit) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(trust_limit),UPDATE(trust_limit) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(occurred_at),UPDATE(occurred_at) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(occurred_at),UPDATE(occurred_at) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT INSERT(expires_at),UPDATE(expires_at) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(expires_at),UPDATE(expires_at) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT UPDATE(forgotten_at) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT UPDATE(forgotten_at) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT SELECT(origin_id) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT SELECT(origin_owner_id) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT SELECT(acquired_at) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT INSERT(is_encrypted),UPDATE(is_encrypted) ON TABLE memoriesdb.memories TO memoriesdb_app;

GRANT INSERT(is_encrypted),UPDATE(is_encrypted) ON TABLE memoriesdb.memories TO memoriesdb_client;

GRANT SELECT(embedding_text_hash) ON TABLE memoriesdb.memories TO memoriesdb_eraser;

GRANT SELECT,DELETE ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT SELECT,DELETE ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.memory_edges TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memory_edges TO memoriesdb_eraser;

GRANT INSERT(owner_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(owner_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_eraser;

GRANT INSERT(source_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(source_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT SELECT(source_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_eraser;

GRANT INSERT(target_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(target_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT SELECT(target_id) ON TABLE memoriesdb.memory_edges TO memoriesdb_eraser;

GRANT INSERT(relation) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(relation) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT INSERT(weight),UPDATE(weight) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(weight),UPDATE(weight) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT INSERT(metadata),UPDATE(metadata) ON TABLE memoriesdb.memory_edges TO memoriesdb_app;

GRANT INSERT(metadata),UPDATE(metadata) ON TABLE memoriesdb.memory_edges TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.embedding_models TO memoriesdb_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.embedding_models TO memoriesdb_definer;

GRANT SELECT(id) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(id) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(name) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(name) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(model) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(model) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(dimensions) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(dimensions) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(max_tokens) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(max_tokens) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(query_prefix) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(query_prefix) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(passage_prefix) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(passage_prefix) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(is_enabled) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(is_enabled) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(is_active) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(is_active) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT(created_at) ON TABLE memoriesdb.embedding_models TO memoriesdb_app;

GRANT SELECT(created_at) ON TABLE memoriesdb.embedding_models TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.audit_log TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.audit_log TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.audit_log TO memoriesdb_auditor;

GRANT SELECT,INSERT ON TABLE memoriesdb.audit_log TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.audit_log TO memoriesdb_eraser;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.embedding_schedule TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.embedding_schedule TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.embedding_schedule TO memoriesdb_eraser;

GRANT SELECT(memory_id) ON TABLE memoriesdb.embedding_schedule TO memoriesdb_eraser;

GRANT SELECT(text_hash) ON TABLE memoriesdb.embedding_schedule TO memoriesdb_eraser;

GRANT SELECT,INSERT,UPDATE ON TABLE memoriesdb.ledger_state TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.access_log TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.access_log TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.access_log TO memoriesdb_auditor;

GRANT SELECT,INSERT ON TABLE memoriesdb.access_log TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.access_log TO memoriesdb_eraser;

GRANT SELECT(access_id) ON TABLE memoriesdb.access_log TO memoriesdb_eraser;

GRANT SELECT(at) ON TABLE memoriesdb.access_log TO memoriesdb_eraser;

GRANT SELECT(user_id) ON TABLE memoriesdb.access_log TO memoriesdb_eraser;

GRANT USAGE ON SEQUENCE memoriesdb.access_log_access_id_seq TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.api_token_uses TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.api_token_uses TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.api_token_uses TO memoriesdb_admin;

GRANT SELECT,INSERT ON TABLE memoriesdb.api_token_uses TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.api_token_uses TO memoriesdb_eraser;

GRANT SELECT(token_id) ON TABLE memoriesdb.api_token_uses TO memoriesdb_eraser;

GRANT UPDATE(last_used_at) ON TABLE memoriesdb.api_token_uses TO memoriesdb_definer;

GRANT SELECT,INSERT ON TABLE memoriesdb.api_tokens TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.api_tokens TO memoriesdb_eraser;

GRANT SELECT(id) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(id) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(id) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(id) ON TABLE memoriesdb.api_tokens TO memoriesdb_eraser;

GRANT SELECT(user_id) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(user_id) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(user_id) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(user_id) ON TABLE memoriesdb.api_tokens TO memoriesdb_eraser;

GRANT SELECT(scopes) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(scopes) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(scopes) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(label) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(label) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(label) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(issued_by) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(issued_by) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(issued_by) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(issued_by_login) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(issued_by_login) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(issued_by_login) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(issued_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(issued_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(issued_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(expires_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(expires_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(expires_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT SELECT(revoked_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_app;

GRANT SELECT(revoked_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_client;

GRANT SELECT(revoked_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_admin;

GRANT UPDATE(revoked_at) ON TABLE memoriesdb.api_tokens TO memoriesdb_definer;

GRANT SELECT ON SEQUENCE memoriesdb.audit_log_audit_id_seq TO memoriesdb_auditor;

GRANT USAGE ON SEQUENCE memoriesdb.audit_log_audit_id_seq TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.audit_payloads TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.audit_payloads TO memoriesdb_client;

GRANT SELECT,INSERT ON TABLE memoriesdb.audit_payloads TO memoriesdb_definer;

GRANT SELECT,DELETE ON TABLE memoriesdb.audit_payloads TO memoriesdb_eraser;

GRANT USAGE,UPDATE ON SEQUENCE memoriesdb.deactivation_mark_seq TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.embedding_batches TO memoriesdb_definer;

GRANT USAGE ON SEQUENCE memoriesdb.embedding_schedule_job_id_seq TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.frequent_terms TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.frequent_terms TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.frequent_terms TO memoriesdb_eraser;

GRANT USAGE,UPDATE ON SEQUENCE memoriesdb.hold_mark_seq TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.idempotency_keys TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.idempotency_keys TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.idempotency_keys TO memoriesdb_eraser;

GRANT UPDATE(memory_ids) ON TABLE memoriesdb.idempotency_keys TO memoriesdb_definer;

GRANT USAGE ON SEQUENCE memoriesdb.lease_token_seq TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.ledger_leaves TO memoriesdb_auditor;

GRANT SELECT,INSERT ON TABLE memoriesdb.ledger_leaves TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.ledger_status TO memoriesdb_worker;

GRANT SELECT ON TABLE memoriesdb.ledger_status TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.ledger_status TO memoriesdb_auditor;

GRANT USAGE ON SEQUENCE memoriesdb.memories_seq_seq TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.memory_documents TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.memory_embeddings TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memory_embeddings TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_eraser;

GRANT SELECT(memory_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(memory_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT(memory_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_eraser;

GRANT SELECT(model_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(model_id) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT(embedding) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(embedding) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT(text_hash) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(text_hash) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT(text_hash) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_eraser;

GRANT SELECT(created_at) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_app;

GRANT SELECT(created_at) ON TABLE memoriesdb.memory_embeddings TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.memory_grants TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.memory_grants TO memoriesdb_client;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.memory_grants TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memory_grants TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_grants TO memoriesdb_eraser;

GRANT SELECT(memory_id) ON TABLE memoriesdb.memory_grants TO memoriesdb_eraser;

GRANT SELECT(grantee_id) ON TABLE memoriesdb.memory_grants TO memoriesdb_eraser;

GRANT SELECT(privilege) ON TABLE memoriesdb.memory_grants TO memoriesdb_eraser;

GRANT SELECT ON TABLE memoriesdb.memory_graph TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.memory_graph TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.memory_holds TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.memory_holds TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.memory_holds TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.memory_holds TO memoriesdb_auditor;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.memory_holds TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.memory_terms TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.memory_vector_indexes TO memoriesdb_admin;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.memory_vector_indexes TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memory_vector_indexes TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_vector_indexes TO memoriesdb_eraser;

GRANT SELECT ON TABLE memoriesdb.memory_versions TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.memory_versions TO memoriesdb_client;

GRANT SELECT,INSERT ON TABLE memoriesdb.memory_versions TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.memory_versions TO memoriesdb_eraser;

GRANT UPDATE(owner_id) ON TABLE memoriesdb.memory_versions TO memoriesdb_definer;

GRANT SELECT(owner_id) ON TABLE memoriesdb.memory_versions TO memoriesdb_eraser;

GRANT SELECT(memory_id) ON TABLE memoriesdb.memory_versions TO memoriesdb_eraser;

GRANT UPDATE(valid_until) ON TABLE memoriesdb.memory_versions TO memoriesdb_definer;

GRANT UPDATE(operation) ON TABLE memoriesdb.memory_versions TO memoriesdb_definer;

GRANT SELECT(content_hash) ON TABLE memoriesdb.memory_versions TO memoriesdb_eraser;

GRANT SELECT ON TABLE memoriesdb.owner_keys TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.owner_keys TO memoriesdb_client;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.owner_keys TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.owner_keys TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.owner_keys TO memoriesdb_eraser;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.query_embeddings TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.query_embeddings TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.query_embeddings TO memoriesdb_eraser;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.search_schedule TO memoriesdb_definer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.vindexing_schedule TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.worker_heartbeats TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.worker_heartbeats TO memoriesdb_auditor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE memoriesdb.worker_heartbeats TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.queue_status TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.queue_status TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.queue_status TO memoriesdb_worker;

GRANT SELECT ON TABLE memoriesdb.queue_status TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.queue_status TO memoriesdb_auditor;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.search_counts TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.search_counts TO memoriesdb_eraser;

GRANT SELECT(owner_id) ON TABLE memoriesdb.search_counts TO memoriesdb_eraser;

GRANT UPDATE(word_count) ON TABLE memoriesdb.search_counts TO memoriesdb_definer;

GRANT USAGE ON SEQUENCE memoriesdb.search_counts_count_id_seq TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb.service_assignments TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.service_assignments TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.service_assignments TO memoriesdb_admin;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.service_assignments TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.service_assignments TO memoriesdb_eraser;

GRANT SELECT(service_id) ON TABLE memoriesdb.service_assignments TO memoriesdb_eraser;

GRANT SELECT(user_id) ON TABLE memoriesdb.service_assignments TO memoriesdb_eraser;

GRANT SELECT ON TABLE memoriesdb.settings TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.settings TO memoriesdb_definer;

GRANT UPDATE(value) ON TABLE memoriesdb.settings TO memoriesdb_definer;

GRANT UPDATE(updated_at) ON TABLE memoriesdb.settings TO memoriesdb_definer;

REVOKE ALL ON TABLE memoriesdb.signing_keys FROM memoriesdb_owner;

GRANT SELECT,INSERT,DELETE ON TABLE memoriesdb.signing_keys TO memoriesdb_signer;

GRANT UPDATE(retired_at) ON TABLE memoriesdb.signing_keys TO memoriesdb_signer;

GRANT USAGE ON SEQUENCE memoriesdb.signing_keys_id_seq TO memoriesdb_signer;

GRANT SELECT ON TABLE memoriesdb.stranded_memories TO memoriesdb_app;

GRANT SELECT ON TABLE memoriesdb.stranded_memories TO memoriesdb_client;

GRANT SELECT ON TABLE memoriesdb.stranded_memories TO memoriesdb_admin;

GRANT SELECT ON TABLE memoriesdb.users TO memoriesdb_admin;

GRANT SELECT,INSERT,UPDATE ON TABLE memoriesdb.users TO memoriesdb_definer;

GRANT DELETE ON TABLE memoriesdb.users TO memoriesdb_eraser;

GRANT SELECT(id) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(id) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT SELECT(id) ON TABLE memoriesdb.users TO memoriesdb_eraser;

GRANT SELECT(username) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(username) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT SELECT(email) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(email) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT SELECT(role) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(role) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT SELECT(is_active) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(is_active) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT SELECT(created_at) ON TABLE memoriesdb.users TO memoriesdb_app;

GRANT SELECT(created_at) ON TABLE memoriesdb.users TO memoriesdb_client;

GRANT USAGE ON SEQUENCE memoriesdb.vindexing_schedule_job_id_seq TO memoriesdb_definer;

GRANT SELECT ON TABLE memoriesdb_system._python_module TO memoriesdb_definer;
