do $block$
begin
  if to_regtype('memoriesdb._audit_entry') is null then
    create type memoriesdb._audit_entry as (
      owner_id uuid, row_id uuid, row_key jsonb, before jsonb, after jsonb
    );
  end if;
end;
$block$;

alter type memoriesdb._audit_entry owner to memoriesdb_owner;
revoke all on type memoriesdb._audit_entry from public;
grant usage on type memoriesdb._audit_entry to memoriesdb_definer;
comment on type memoriesdb._audit_entry is
'One changed row on its way to the audit: its owner, id and key, and its states before and after.';
