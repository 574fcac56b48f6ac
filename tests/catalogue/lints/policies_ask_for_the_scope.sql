-- What a policy lets users do, it asks the token's scope and the user's role for: reading by the scope read (or admin),
-- writing by the scope write. Only who one is needs none.
select format('policy %s for %s', p.policyname, p.cmd)
from pg_policies as p
cross join lateral (values (p.qual), (p.with_check)) as e (expression)
where p.schemaname = 'memoriesdb' and p.permissive = 'PERMISSIVE' and p.roles && '{memoriesdb_app,memoriesdb_client}'
  and p.policyname not in (
    'embedding_models_select_all', 'ledger_blocks_select_all', 'ledger_archives_select_all', 'users_select_self'
  )
  and (
    e.expression !~ 'memoriesdb\._user_with_scope\(|memoriesdb\._granted_ids\('
    or exists (
      select from regexp_matches(
        e.expression, 'memoriesdb\.(\w+)\(([^()]*)\)', 'g'
      ) as c (call)
      where c.call[2] <> case when p.cmd = 'SELECT' then '''read''::text' else '''write''::text' end
        and (p.cmd, c.call[1], c.call[2]) <> ('SELECT', '_user_with_scope', '''admin''::text')
    )
  )
