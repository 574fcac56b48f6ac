-- Transactions that were prepared and neither committed nor rolled back: they hold back vacuum and
-- the sealing of the ledger, in whichever database they are.
select pg_catalog.format('%s in %s by %s, since %s', p.gid, p.database, p.owner,
  pg_catalog.date_trunc('second', p.prepared)
) as detail
from pg_catalog.pg_prepared_xacts as p
where p.prepared < pg_catalog.statement_timestamp() - interval '10 minutes'
order by p.prepared;
