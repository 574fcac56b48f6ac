-- A text and not jsonb: of 'german' the server would say that it is no JSON, and not what to do.
create or replace function memoriesdb.set_setting(key text, value text)
returns void
language plpgsql
volatile
parallel unsafe
security definer -- the columns beside value belong to the release
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_setting memoriesdb.settings;
  v_value jsonb;
  v_number numeric;
  v_is_count boolean;
begin
  begin
    v_value := value::jsonb;
  exception
    when data_exception then
      raise exception 'the value is no JSON' using
        errcode = 'MD110',
        detail = format('%s: %s.', set_setting.key, sqlerrm),
        hint = 'Give a number, true or false; or a text, in double quotes within single ones, '
          'such as ''"german"''.';
  end;
  -- By CASE: the planner would work a cast out ahead of any AND and OR, of a text, too.
  v_number := case jsonb_typeof(v_value) when 'number' then v_value::numeric end;
  select s.* into v_setting from memoriesdb.settings as s where s.key = set_setting.key;
  if not found then
    raise exception 'unknown setting' using
      errcode = 'MD507',
      detail = format('There is no setting %s.', coalesce(quote_literal(set_setting.key), 'null')),
      hint = 'select key, description from memoriesdb.settings lists them.';
  end if;
  v_is_count := case jsonb_typeof(v_setting.default_value)
    when 'number' then v_setting.minimum % 1 = 0 and v_setting.maximum > 1
      and v_setting.default_value::numeric % 1 = 0
  end;
  if v_value is null
     or jsonb_typeof(v_value) <> jsonb_typeof(v_setting.default_value)
     or v_number < v_setting.minimum or v_number > v_setting.maximum
     -- What goes from a whole number by a whole default to more than 1 counts things.
     or (v_is_count and v_number % 1 <> 0) then
    raise exception 'bad value for setting %', set_setting.key using
      errcode = 'MD110',
      detail = format('It is a %s%s; the default is %s.',
        jsonb_typeof(v_setting.default_value),
        case
          when v_is_count then
            format(' without a fraction from %s to %s', v_setting.minimum, v_setting.maximum)
          when v_setting.minimum is not null then
            format(' from %s to %s', v_setting.minimum, v_setting.maximum)
        end,
        v_setting.default_value),
      hint = v_setting.description;
  end if;
  if set_setting.key = 'search_language'
     and not exists (
       select from pg_catalog.pg_ts_config as c
       where c.cfgname = v_value #>> '{}'
         and c.cfgnamespace = 'pg_catalog'::regnamespace
     ) then
    raise exception 'unknown text search configuration' using
      errcode = 'MD110',
      detail = format('There is no configuration %s in pg_catalog.', v_value),
      hint = 'select cfgname from pg_ts_config lists them.';
  end if;
  if set_setting.key = 'breaking_version' and v_value <> v_setting.value then
    raise exception 'setting % is set by releases', set_setting.key using
      errcode = 'MD508',
      detail = 'Workers that are older than it refuse to start.',
      hint = '`memoriesdb upgrade` sets it.';
  end if;
  if set_setting.key in ('search_language', 'embedding_template')
     and v_value <> v_setting.value
     and exists (select from memoriesdb.memories) then
    raise exception 'setting % cannot change once there are memories', set_setting.key using
      errcode = 'MD508',
      detail = 'Their lexemes and vectors were made with the present value: they would be lost.',
      hint = 'Set it before the first memory is written.';
  end if;
  perform memoriesdb._check_setting(set_setting.key, v_value #>> '{}');
  update memoriesdb.settings as s
  set value = v_value, updated_at = clock_timestamp()
  where s.key = set_setting.key;
end;
$function$;

alter function memoriesdb.set_setting(text, text) owner to memoriesdb_definer;
revoke all on function memoriesdb.set_setting(text, text) from public;
grant execute on function memoriesdb.set_setting(text, text) to memoriesdb_admin;
comment on function memoriesdb.set_setting(text, text) is
'Change a setting (memoriesdb_admin). value: JSON of the type of the default, as a text, such as '
'''5'' or ''"german"''. Raises MD507 for an unknown key, MD110 for a bad value, MD508 for what '
'releases set, and for the language or the template once there are memories.';
