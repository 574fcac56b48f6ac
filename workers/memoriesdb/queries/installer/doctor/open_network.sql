-- Addresses on which the server listens without being able to encrypt.
select a.address as detail
from pg_catalog.string_to_table(
  pg_catalog.replace(pg_catalog.current_setting('listen_addresses'), ' ', ''), ','
) as a (address)
where not pg_catalog.current_setting('ssl')::boolean
  and a.address not in ('', 'localhost', '::1') and a.address not like '127.%'
order by a.address;
