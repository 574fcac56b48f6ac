create or replace function memoriesdb._check_receipt(receipt jsonb)
returns void
language plpgsql
stable
parallel restricted
security definer -- reads an audit payload of any owner
set search_path = pg_catalog, pg_temp
as $function$
declare
  v_is_well_formed boolean := jsonb_typeof(receipt) = 'object'
    and receipt ->> 'receipt_id' ~ '^[0-9]{1,18}$'
    and receipt ->> 'salt' ~ '^[0-9a-f]{64}$'
    and jsonb_typeof(receipt -> 'content_hashes') = 'array'
    and not jsonb_path_exists(
      receipt,
      '$.content_hashes[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-f]{64}$"))'
    );
begin
  -- Apart, since a plan would fold the casts in whatever was asked before.
  if v_is_well_formed then
    perform
    from memoriesdb.audit_payloads as p
    left join memoriesdb.audit_log as a on a.audit_id = p.audit_id
    where p.audit_id = (receipt ->> 'receipt_id')::bigint
      and p.after = (receipt - array['receipt_id', 'content_hashes', 'salt'])
      || jsonb_build_object('content_commitments', memoriesdb._content_commitments(
        decode(receipt ->> 'salt', 'hex'), receipt -> 'content_hashes'
      ))
      -- In one's own transaction it can be made of any text, and leave no trace.
      and (a.xid, a.incarnation) is distinct from (
        pg_current_xact_id_if_assigned(),
        (select c.system_identifier from pg_catalog.pg_control_system() as c)
      )
      and case
        when a.audit_id is not null then a.operation = 'ERASE'
          and a.commitment = memoriesdb._payload_commitment(
            p.salt, p.before, p.after, p.application_name, p.reason
          )
        -- The entry is in an archive, which `memoriesdb ledger verify` compares it with.
        else exists (
          select from memoriesdb.ledger_archives as r
          where p.audit_id between r.first_audit_id and r.last_audit_id
        )
      end;
    if found then
      return;
    end if;
  end if;
  raise exception 'unknown receipt' using
    errcode = 'MD411',
    detail = 'No committed entry of the audit log was written with it.',
    hint = 'Give the receipt as erase() or erase_user() of this database returned it, after its '
      'transaction has committed.';
end;
$function$;

alter function memoriesdb._check_receipt(jsonb) owner to memoriesdb_definer;
revoke all on function memoriesdb._check_receipt(jsonb) from public;
grant execute on function memoriesdb._check_receipt(jsonb) to memoriesdb_owner;
comment on function memoriesdb._check_receipt(jsonb) is
'Raises MD411 where a receipt is not the one that a committed entry ERASE was written with: the '
'entry keeps all of it but the hashes, of which it has commitments, and its own commitment is in '
'the ledger.';
