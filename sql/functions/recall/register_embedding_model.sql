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
  v_id uuid := memoriesdb._register_model(
    name, provider, endpoint, dimensions, model, max_tokens, query_prefix, passage_prefix
  );
begin
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
'written; all in one transaction: where many memories are embedded by another model already, '
'add_embedding_model() and its kin change it step by step. dimensions: length of its vectors; '
'max_tokens: its window; model: its name at the endpoint (default: name). Returns its id. Raises '
'MD005 where a model of this name has other properties, MD108, MD110.';
