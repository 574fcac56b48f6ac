"""What was archived: a row of ledger_archives counts for nothing until a sealed entry says it.

Each entry ARCHIVE holds in its row_key all that its row does, and the hash of the row_key before.
So the last one that is sealed vouches for every archive up to its own, even where the entries of
the former ones are in archives themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from memoriesdb.ledger.encoding import ENTRY_FIELDS, GENESIS, Entry, split_fields
from memoriesdb.ledger.report import Problem, Report
from memoriesdb.ledger.tables import ARCHIVE_KEYS, ARCHIVES, Archived, Tables

_ROW_KEY = [name for name, _ in ENTRY_FIELDS].index("row_key")


class Records:
    """The rows of ledger_archives, compared with the entries of the ledger that tell of them."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.rows = tables.rows(ARCHIVES)
        self._keys = {key: row.partition_no for key, row in _keyed(self.rows)}
        self._sealed_upto = -1

    @property
    def claims(self) -> list[Archived]:
        """The archives whose entries may be missing, if :meth:`confirm` finds no fault in them.

        A partition that is still in audit_log cannot be missing from it.
        """
        return [row for row in self.rows if not row.is_attached]

    def pass_by(self, sealed: Iterable[Entry], report: Report) -> None:
        """Take entries ARCHIVE of a block that is as it was sealed."""
        for entry in sealed:
            row_key = split_fields(entry.encoding, len(ENTRY_FIELDS))[_ROW_KEY] or b""
            number = self._keys.get(row_key.decode(errors="replace"))
            if number is None:
                report.add(
                    Problem(
                        "ledger_archives does not say what this entry does",
                        "the record of an archive was changed or removed",
                        audit_id=entry.audit_id,
                    )
                )
            else:
                self._sealed_upto = max(self._sealed_upto, number)

    def confirm(self, report: Report, absent: Sequence[Archived]) -> None:
        """Name the archives that the ledger does not vouch for; ``absent`` are those relied on."""
        for row in self.rows:
            if row.is_attached:
                detail = f"partition {row.partition_no}, or entries of it, are in audit_log"
                report.add(Problem("what was archived is here", detail))
        unproven = [row for row in self.rows if row.partition_no > self._sealed_upto]
        if not unproven:
            return
        unsealed = {self._keys.get(key, -1) for key in self._tables.rows(ARCHIVE_KEYS)}
        for row in unproven:
            if row.partition_no > max(unsealed, default=-1):
                report.add(
                    Problem(
                        "no entry of the ledger says that it was archived",
                        f"partition {row.partition_no}: entries {row.first_audit_id} to "
                        f"{row.last_audit_id}",
                    )
                )
            elif row in absent:
                report.unproven.append(
                    f"that partition {row.partition_no} was archived is not sealed yet: verify "
                    f"again when it is; its {row.entry_count} entries were not compared"
                )


def _keyed(rows: Iterable[Archived]) -> Iterable[tuple[str, Archived]]:
    former = GENESIS.hex()
    for row in rows:
        key = jsonb_text(
            {
                "partition": f"audit_log_{row.partition_no:06}",
                "partition_no": row.partition_no,
                "first_audit_id": row.first_audit_id,
                "last_audit_id": row.last_audit_id,
                "entry_count": row.entry_count,
                "boundary_blocks": row.boundary_blocks,
                "file_sha256": row.file_sha256.hex(),
                "former_sha256": former,
            }
        )
        former = sha256(key.encode()).hexdigest()
        yield key, row


def jsonb_text(value: Any) -> str:
    """Return an object as PostgreSQL prints a jsonb: shorter names come first."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
    parts = (f"{json.dumps(name, ensure_ascii=False)}: {jsonb_text(value[name])}" for name in names)
    return f"{{{', '.join(parts)}}}"
