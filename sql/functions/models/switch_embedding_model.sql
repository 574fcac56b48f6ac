create or replace function memoriesdb.switch_embedding_model(
  name text, max_missing double precision default 0.01
)
returns text
language plpgsql
volatile
parallel unsafe
security definer -- writes embedding_models
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_model memoriesdb.embedding_models;
  v_former text;
  v_counts record;
begin
  if (max_missing between 0 and 1) is not true then
    raise exception 'max_missing is out of range' using
      errcode = 'MD108', hint = 'Give a number from 0 to 1; 1 switches whatever is missing.';
  end if;
  -- One switch after the other. Writers and recalls go on.
  perform from memoriesdb.embedding_models as m order by m.id for no key update;
  v_model := memoriesdb._enabled_model(name);
  select m.name into v_former from memoriesdb.embedding_models as m where m.is_active;
  if v_model.is_active then
    return v_former;
  end if;
  select c.memories, c.missing into v_counts
  from memoriesdb._embedding_coverage(v_model.id) as c;
  if v_counts.missing > max_missing * v_counts.memories then
    raise exception 'the model lacks vectors' using
      errcode = 'MD511',
      detail = format(
        'Of %s memories %s have no vector by %s; the limit is %s %%.', v_counts.memories,
        v_counts.missing, quote_literal(name), round((100 * max_missing)::numeric, 2)
      ),
      hint = 'Backfill it first: `memoriesdb model backfill`, and `memoriesdb model status` tells '
        'how far it is. Or switch all the same with --force (max_missing => 1): what has no vector '
        'is found by its words alone.';
  end if;
  update memoriesdb.embedding_models as m set is_active = false where m.is_active;
  update memoriesdb.embedding_models as m set is_active = true where m.id = v_model.id;
  return v_former;
end;
$function$;

alter function memoriesdb.switch_embedding_model(text, double precision)
owner to memoriesdb_definer;
revoke all on function memoriesdb.switch_embedding_model(text, double precision) from public;
grant execute on function memoriesdb.switch_embedding_model(text, double precision)
to memoriesdb_admin;
comment on function memoriesdb.switch_embedding_model(text, double precision) is
'Let recall use this model from the end of this transaction on (memoriesdb_admin). The former one '
'stays enabled, so the way back is the same call with its name. max_missing: part of the memories '
'that may have no vector by it, 0 to 1. Returns the name of the model that recall used before; '
'null: none. Raises MD108, MD510, MD511 where it lacks vectors for more.';
