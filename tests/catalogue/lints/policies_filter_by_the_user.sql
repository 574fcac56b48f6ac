-- Only the system, admins and auditors see rows of everybody; models belong to nobody, and the blocks of the ledger are
-- hashes that everybody may keep.
select format('policy %s', p.policyname)
from pg_policies as p
where p.schemaname = 'memoriesdb' and p.roles && '{memoriesdb_app,memoriesdb_client}'
  and p.policyname not in ('embedding_models_select_all', 'ledger_blocks_select_all', 'ledger_archives_select_all')
  and coalesce(nullif(p.qual, 'true'), p.with_check, 'true') !~ 'SELECT memoriesdb\.'
