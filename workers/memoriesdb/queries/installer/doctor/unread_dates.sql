-- Whether a question's date is read: it takes PL/Python and a package for the server's Python.
select 'a date in a question is words and no time' as detail
where not exists (select from memoriesdb._parse_dates('2023-05-07', null, true));
