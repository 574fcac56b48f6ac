create or replace function memoriesdb._new_head(
  first_turn bigint, last_turn bigint, former_head bigint, former_top bigint, beginning bigint
)
returns bigint
language plpgsql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $function$
begin
  return case
    -- Nothing was there, and whoever comes begins at the top.
    when first_turn is null then coalesce(former_top, beginning)
    -- Some were found before the head, and the last of them: claims go on where they were.
    when first_turn < former_head and last_turn >= former_head then former_head
    -- What was taken first; before it there are only those that somebody has locked.
    else first_turn
  end;
end;
$function$;

alter function memoriesdb._new_head(bigint, bigint, bigint, bigint, bigint)
owner to memoriesdb_definer;
revoke all on function memoriesdb._new_head(bigint, bigint, bigint, bigint, bigint) from public;
comment on function memoriesdb._new_head(bigint, bigint, bigint, bigint, bigint) is
'From which turn on later claims take from a line, after one that took those from a first to a '
'last.';
