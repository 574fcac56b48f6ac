"""The ledger from outside: computed anew from bytes, and compared with digests kept elsewhere.

Nothing here calls a function of the database to verify: what an outsider trusts is the format in
docs/explanation/ledger.md, SHA-256, and the digest that he kept himself.
"""

from memoriesdb.ledger.digest import Digest, Kept
from memoriesdb.ledger.errors import ContradictionError, FormatError, LedgerError
from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import Tables
from memoriesdb.ledger.verifier import Verifier

__all__ = [
    "ContradictionError",
    "Digest",
    "FormatError",
    "Kept",
    "LedgerError",
    "Problem",
    "Report",
    "Tables",
    "Verifier",
]
