-- The head of the ledger, as JSON text.
select memoriesdb.ledger_digest()::text;
