-- Enter into the access log that everything of the user was read.
select memoriesdb._log_access('export', 'answered', '{}', %(count)s::integer);
