-- Data pages without checksums: a disk that changes them is not noticed.
select 'data_checksums = off' as detail
where not pg_catalog.current_setting('data_checksums')::boolean;
