-- Let the rest of the transaction read one's own rows, and write times and numbers as an export has
-- them; raises where this session may not read, so that nobody takes nothing for all there is.
select
  memoriesdb._require_scope('read'),
  pg_catalog.set_config('timezone', 'UTC', true),
  pg_catalog.set_config('extra_float_digits', '1', true);
