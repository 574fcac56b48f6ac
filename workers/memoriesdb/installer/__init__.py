"""Install, upgrade and check the schema of a database."""

from memoriesdb.installer.apply import InstallReport, install, upgrade
from memoriesdb.installer.doctor import diagnose
from memoriesdb.installer.errors import InstallError
from memoriesdb.installer.findings import Finding
from memoriesdb.installer.script import script
from memoriesdb.installer.verify import Difference, verify

__all__ = [
    "Difference",
    "Finding",
    "InstallError",
    "InstallReport",
    "diagnose",
    "install",
    "script",
    "upgrade",
    "verify",
]
