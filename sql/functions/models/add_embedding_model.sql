create or replace function memoriesdb.add_embedding_model(
  name text,
  provider text,
  endpoint text,
  dimensions integer,
  model text default null,
  max_tokens integer default 256,
  query_prefix text default '',
  passage_prefix text default '',
  max_concurrency integer default null
)
returns uuid
language plpgsql
volatile
parallel unsafe
security definer -- writes embedding_models
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_id uuid;
begin
  if max_concurrency not between 1 and 10000 then
    raise exception 'max_concurrency is out of range' using
      errcode = 'MD108', hint = 'Give a number from 1 to 10000, or null for no limit.';
  end if;
  v_id := memoriesdb._register_model(
    name, provider, endpoint, dimensions, model, max_tokens, query_prefix, passage_prefix
  );
  update memoriesdb.embedding_models as m
  set max_concurrency = add_embedding_model.max_concurrency
  where m.id = v_id and m.max_concurrency is distinct from add_embedding_model.max_concurrency;
  return v_id;
end;
$function$;

alter function memoriesdb.add_embedding_model(
  text, text, text, integer, text, integer, text, text, integer
) owner to memoriesdb_definer;
revoke all on function memoriesdb.add_embedding_model(
  text, text, text, integer, text, integer, text, text, integer
) from public;
grant execute on function memoriesdb.add_embedding_model(
  text, text, text, integer, text, integer, text, text, integer
)
to memoriesdb_admin;
comment on function memoriesdb.add_embedding_model(
  text, text, text, integer, text, integer, text, text, integer
) is
'Register a model beside the active one, or move a registered one to another endpoint '
'(memoriesdb_admin). From now on what is written is embedded by it, too; queue_backfill() queues '
'what was written before, and switch_embedding_model() lets recall use it. dimensions: length of '
'its vectors; max_tokens: its window; model: its name at the endpoint (default: name); '
'max_concurrency: batches that workers may have of it at once, null for no limit. Returns its id. '
'Raises MD005 where a model of this name has other properties, MD108, MD110.';
