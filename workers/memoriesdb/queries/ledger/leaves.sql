-- The leaf hashes of a block as the sealer kept them: hints, which are worth what they hash to.
select l.leaves
from memoriesdb.ledger_leaves as l
where l.block_no = %(block_no)s::bigint;
