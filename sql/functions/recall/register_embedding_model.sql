create or replace function memoriesdb.register_embedding_model(
  name text,
  provider text,
  endpoint text,
  dimensions integer,
  model text default null,
  max_tokens integer default 256,
  query_prefix text default '',
  passage_prefix text default '',
  activate boolean default true
)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- writes embedding_models and queues the backfill
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_id uuid;
begin
  if name is null or name <> btrim(name) or char_length(name) not between 1 and 200 then
    raise exception 'a model''s name has 1 to 200 characters and no blanks around it' using
      errcode = 'MD110', hint = 'Give another name.';
  end if;
  if provider is null or provider not in ('ollama', 'openai') then
    raise exception 'unknown provider' using
      errcode = 'MD110', hint = 'Providers are ollama and openai.';
  end if;
  if endpoint is null or endpoint !~ '^https?://[^\s@/]+(/[^\s@]*)?$' then
    raise exception 'endpoint is not an address' using
      errcode = 'MD110', hint = 'Give http://host:port or https://host/path, without credentials.';
  end if;
  if dimensions is null or dimensions not between 1 and 4000 then
    raise exception 'dimensions is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 4000.';
  end if;
  if max_tokens is null or max_tokens not between 16 and 1000000 then
    raise exception 'max_tokens is out of range' using
      errcode = 'MD108', hint = 'Give a number from 16 to 1000000.';
  end if;
  select m.id into v_id
  from memoriesdb.embedding_models as m
  where m.name = register_embedding_model.name
  for update;
  if found then
    if exists (
      select from memoriesdb.embedding_models as m
      where m.id = v_id
        and (m.dimensions, m.query_prefix, m.passage_prefix, m.max_tokens) is distinct from (
          register_embedding_model.dimensions, register_embedding_model.query_prefix,
          register_embedding_model.passage_prefix, register_embedding_model.max_tokens
        )
    ) then
      raise exception 'a model of this name has other properties' using
        errcode = 'MD005',
        detail = 'Dimensions, window and prefixes of a model never change: its vectors would not '
          'fit together.',
        hint = 'Register it under another name.';
    end if;
    update memoriesdb.embedding_models as m
    set provider = register_embedding_model.provider, endpoint = register_embedding_model.endpoint,
      model = coalesce(register_embedding_model.model, register_embedding_model.name),
      is_enabled = true
    where m.id = v_id
      and (m.provider, m.endpoint, m.model, m.is_enabled) is distinct from (
        register_embedding_model.provider, register_embedding_model.endpoint,
        coalesce(register_embedding_model.model, register_embedding_model.name), true
      );
  else
    insert into memoriesdb.embedding_models (
      id, name, provider, endpoint, model, dimensions, max_tokens, query_prefix, passage_prefix,
      created_at
    )
    values (
      memoriesdb._new_id(), register_embedding_model.name, register_embedding_model.provider,
      register_embedding_model.endpoint,
      coalesce(register_embedding_model.model, register_embedding_model.name),
      register_embedding_model.dimensions, register_embedding_model.max_tokens,
      register_embedding_model.query_prefix, register_embedding_model.passage_prefix,
      clock_timestamp()
    )
    returning id into v_id;
  end if;
  if activate then
    update memoriesdb.embedding_models as m set is_active = false
    where m.is_active and m.id <> v_id;
    update memoriesdb.embedding_models as m set is_active = true
    where m.id = v_id and not m.is_active;
  end if;
  perform memoriesdb.backfill_embeddings(v_id);
  return v_id;
end;
$function$;

alter function memoriesdb.register_embedding_model(
  text, text, text, integer, text, integer, text, text, boolean
) owner to memoriesdb_definer;
revoke all on function memoriesdb.register_embedding_model(
  text, text, text, integer, text, integer, text, text, boolean
) from public;
grant execute on function memoriesdb.register_embedding_model(
  text, text, text, integer, text, integer, text, text, boolean
)
to memoriesdb_admin;
comment on function memoriesdb.register_embedding_model(
  text, text, text, integer, text, integer, text, text, boolean
) is
'Register a model at an endpoint, or move a registered one to another endpoint '
'(memoriesdb_admin), activate it, and queue what has no embedding by it behind what is being '
'written. dimensions: length of its vectors; max_tokens: its window; model: its name at the '
'endpoint (default: name). Returns its id. Raises MD005 where a model of this name has other '
'properties, MD108, MD110.';
