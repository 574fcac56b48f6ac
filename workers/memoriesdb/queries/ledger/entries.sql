-- Stream the entries of a range of blocks of one incarnation, in their order, in binary: first what
-- orders them, then the fields of their encoding. The range of audit_id lets the index find them.
copy (
  select
    a.audit_id, a.xid,
    a.audit_id, a.at, a.xid, a.incarnation, a.user_id, a.token_id, a.actor_id, a.login::text,
    a.table_name::text, a.operation, a.owner_id, a.row_id, a.row_key::text, a.commitment
  from memoriesdb.audit_log as a
  where a.audit_id between cast(%(low)s as bigint) and cast(%(high)s as bigint)
    and a.incarnation = cast(%(incarnation)s as bigint)
    and (a.xid, a.audit_id) > (%(after_xid)s::text::xid8, cast(%(after_audit_id)s as bigint))
    and (a.xid, a.audit_id) <= (%(last_xid)s::text::xid8, cast(%(last_audit_id)s as bigint))
  order by a.xid, a.audit_id
) to stdout (format binary);
