"""What doctor asks: one query a check, whose rows are what is wrong."""

from memoriesdb.installer.checks.check import ADMIN, Check
from memoriesdb.installer.checks.evidence import EVIDENCE
from memoriesdb.installer.checks.login import LOGIN
from memoriesdb.installer.checks.protection import PROTECTION
from memoriesdb.installer.checks.server import SERVER
from memoriesdb.installer.checks.upkeep import UPKEEP

DATABASE: tuple[Check, ...] = (*PROTECTION, *EVIDENCE, *SERVER, *UPKEEP)

__all__ = ["ADMIN", "DATABASE", "LOGIN", "Check"]
