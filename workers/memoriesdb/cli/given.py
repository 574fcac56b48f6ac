"""What is given to a command and cannot be meant: empty values, numbers of nothing."""

from __future__ import annotations

import re
from typing import Any

from memoriesdb.console import USAGE, Command, fail
from memoriesdb.ledger.archive import PARTITION_ENTRIES

# The largest bigint.
_LAST_AUDIT_ID = 2**63 - 1
_NEGATIVE = re.compile(r"-\d+")


class NoEmptyValues(Command):
    """A command that refuses empty values of options, which a shell makes of unset variables.

    Taken for no value, ``--public-key "$KEY"`` would switch off what it asks for.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look at what was given before it is converted."""
        given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        for param in self.get_params(ctx):
            value = given.get(param.name)
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str) and not each.strip() and param.opts[0].startswith("-"):
                    fail(
                        f"the value of {param.opts[0]} is empty.",
                        "is the shell variable set?",
                        USAGE,
                    )
        return super().parse_args(ctx, args)


class NumberFirst(NoEmptyValues):
    """Such a command on a number: one below 0 is no unknown option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Look at what was given before it is converted."""
        if args and _NEGATIVE.fullmatch(args[0]):
            fail(f"{args[0]} is the number of nothing", "numbers have no sign.", USAGE)
        return super().parse_args(ctx, args)


def given_audit_id(number: int) -> int:
    """Refuse what no entry has as its number."""
    if not 1 <= number <= _LAST_AUDIT_ID:
        fail(
            f"{number} is the number of no entry",
            f"give the audit_id of one: from 1 to {_LAST_AUDIT_ID}.",
            USAGE,
        )
    return number


def given_partition(number: int) -> int:
    """Refuse what no partition of audit_log has as its number."""
    last = _LAST_AUDIT_ID // PARTITION_ENTRIES - 1
    if not 0 <= number <= last:
        fail(
            f"{number} is the number of no partition",
            f"give audit_id / {PARTITION_ENTRIES:,}: from 0 to {last}.",
            USAGE,
        )
    return number
