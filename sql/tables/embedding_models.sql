create table memoriesdb.embedding_models (
  id uuid not null,
  name text not null,
  provider text not null,
  endpoint text not null,
  model text not null,
  dimensions integer not null,
  max_tokens integer not null default 256,
  query_prefix text not null default '',
  passage_prefix text not null default '',
  is_enabled boolean not null default true,
  is_active boolean not null default false,
  max_concurrency integer,
  created_at timestamptz not null,
  constraint embedding_models_pkey primary key (id),
  constraint embedding_models_name_is_unique unique (name),
  constraint embedding_models_provider_is_known check (provider in ('ollama', 'openai')),
  -- The server itself calls this address: nothing but HTTP, and no credentials in it.
  constraint embedding_models_endpoint_is_http check (endpoint ~ '^https?://[^\s@/]+(/[^\s@]*)?$'),
  constraint embedding_models_dimensions_in_range check (dimensions between 1 and 4000),
  constraint embedding_models_max_tokens_is_positive check (max_tokens between 16 and 1000000),
  constraint embedding_models_max_concurrency_is_positive check (max_concurrency >= 1),
  constraint embedding_models_active_is_enabled check (is_enabled or not is_active)
);
-- Recall asks one model: the active one.
create unique index embedding_models_one_is_active_idx
on memoriesdb.embedding_models (is_active) where is_active;
alter table memoriesdb.embedding_models enable row level security;
alter table memoriesdb.embedding_models force row level security;
comment on table memoriesdb.embedding_models is
'Models that turn text into vectors. Every enabled one gets a job for every memory; the active '
'one answers recall.';
comment on column memoriesdb.embedding_models.id is 'Time-ordered UUID.';
comment on column memoriesdb.embedding_models.name is 'Unique name within this database.';
comment on column memoriesdb.embedding_models.provider is
'Protocol of the endpoint: ollama or openai.';
comment on column memoriesdb.embedding_models.endpoint is
'Base address, http or https, as seen by workers and server.';
comment on column memoriesdb.embedding_models.model is 'The model''s name at the endpoint.';
comment on column memoriesdb.embedding_models.dimensions is 'Length of its vectors, 1 to 4000.';
comment on column memoriesdb.embedding_models.max_tokens is
'Its window in tokens; longer texts are embedded in pieces.';
comment on column memoriesdb.embedding_models.query_prefix is
'Put before a query, as the model wants it.';
comment on column memoriesdb.embedding_models.passage_prefix is
'Put before a memory''s text, as the model wants it.';
comment on column memoriesdb.embedding_models.is_enabled is
'New and changed memories are queued for it.';
comment on column memoriesdb.embedding_models.is_active is
'The model that recall uses; at most one.';
comment on column memoriesdb.embedding_models.max_concurrency is
'Most batches that all workers together may have claimed for it at once; null: no limit.';
comment on column memoriesdb.embedding_models.created_at is 'When it was registered.';
