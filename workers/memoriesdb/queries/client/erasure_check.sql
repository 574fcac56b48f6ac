-- What is left of what a receipt says was erased; no rows: it is gone.
select table_name, column_name, "rows", what
from memoriesdb.erasure_check(receipt => %(receipt)s::jsonb, "text" => %(text)s::text);
