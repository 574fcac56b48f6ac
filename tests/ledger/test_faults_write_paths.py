"""Whatever a function writes is in the audit: counted by the server, and not by our own triggers.

The functions come from the catalogue, so that what is added later is called, too; the rows that
each call writes are those of the server's statistics of the transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from acting import Connection, NewDatabase
from reach import asking
from reach.lives import Lives, live

LINT = Path(__file__).parents[1] / "catalogue" / "lints" / "changes_are_audited.sql"
