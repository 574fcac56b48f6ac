-- For the tables with few writes. Arguments of the trigger: column of the owner ('' for none),
-- column of the row's id ('' for none), columns of the key, columns left out.
create or replace function memoriesdb.tg_audit_rows()
returns trigger
language plpgsql
volatile
parallel unsafe
security definer -- nobody but the definer writes the audit
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set extra_float_digits = 1
as $function$
declare
  v_keys text[] := string_to_array(tg_argv[2], ',');
  v_left_out text[] := string_to_array(tg_argv[3], ',');
  v_old jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - v_left_out end;
  v_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - v_left_out end;
  v_row jsonb := coalesce(v_new, v_old);
begin
  perform memoriesdb._write_audit(tg_table_name, tg_op, array[(
    (v_row ->> tg_argv[0])::uuid,
    (v_row ->> tg_argv[1])::uuid,
    (select jsonb_object_agg(k, v_row -> k) from unnest(v_keys) as k),
    case tg_op when 'UPDATE' then memoriesdb._changed(v_old, v_new) else v_old end,
    case tg_op when 'UPDATE' then memoriesdb._changed(v_new, v_old) else v_new end
  )::memoriesdb._audit_entry]);
  return null;
end;
$function$;

alter function memoriesdb.tg_audit_rows() owner to memoriesdb_definer;
revoke all on function memoriesdb.tg_audit_rows() from public;
comment on function memoriesdb.tg_audit_rows() is
'Audits each changed row of a table with few writes. Arguments: owner column, row id column, '
'key columns, columns left out.';
