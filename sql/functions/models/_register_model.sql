create or replace function memoriesdb._register_model(
  name text,
  provider text,
  endpoint text,
  dimensions integer,
  model text,
  max_tokens integer,
  query_prefix text,
  passage_prefix text
)
returns uuid
language plpgsql
volatile
parallel unsafe
security invoker -- only the definer's functions may call it
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
  if endpoint is null or endpoint !~ E'^https?://[^\\s@/]+(/[^\\s@]*)?$' then
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
  where m.name = _register_model.name
  for no key update;
  if found then
    if exists (
      select from memoriesdb.embedding_models as m
      where m.id = v_id
        and (
          (m.dimensions, m.query_prefix, m.passage_prefix, m.max_tokens) is distinct from (
            _register_model.dimensions, _register_model.query_prefix,
            _register_model.passage_prefix, _register_model.max_tokens
          )
          -- Another endpoint may call the same one by another name.
          or (m.provider, m.endpoint) = (_register_model.provider, _register_model.endpoint)
          and m.model <> coalesce(_register_model.model, _register_model.name)
        )
    ) then
      raise exception 'a model of this name has other properties' using
        errcode = 'MD005',
        detail = 'Dimensions, window and prefixes of a model never change, nor what it is called '
          'at its endpoint: its vectors would not fit together.',
        hint = 'Register it under another name.';
    end if;
    update memoriesdb.embedding_models as m
    set provider = _register_model.provider, endpoint = _register_model.endpoint,
      model = coalesce(_register_model.model, _register_model.name),
      is_enabled = true
    where m.id = v_id
      and (m.provider, m.endpoint, m.model, m.is_enabled) is distinct from (
        _register_model.provider, _register_model.endpoint,
        coalesce(_register_model.model, _register_model.name), true
      );
  else
    insert into memoriesdb.embedding_models (
      id, name, provider, endpoint, model, dimensions, max_tokens, query_prefix, passage_prefix,
      created_at
    )
    values (
      memoriesdb._new_id(), _register_model.name, _register_model.provider,
      _register_model.endpoint, coalesce(_register_model.model, _register_model.name),
      _register_model.dimensions, _register_model.max_tokens, _register_model.query_prefix,
      _register_model.passage_prefix, clock_timestamp()
    )
    returning id into v_id;
  end if;
  return v_id;
end;
$function$;

alter function memoriesdb._register_model(
  text, text, text, integer, text, integer, text, text
) owner to memoriesdb_definer;
revoke all on function memoriesdb._register_model(
  text, text, text, integer, text, integer, text, text
) from public;
comment on function memoriesdb._register_model(
  text, text, text, integer, text, integer, text, text
) is
'Register a model at an endpoint, or move a registered one to another endpoint. Returns its id. '
'Raises MD005, MD108, MD110.';
