"""What doctor asks about the login it was given."""

from __future__ import annotations

from memoriesdb.installer.checks.check import check

LOGIN = (
    check(
        "powerful_memberships",
        "failure",
        "the login is a member of roles that no login may be in",
        "the login is in no role that sees everything",
        "`revoke … from …`: with SET ROLE it is what its roles are.",
    ),
    check(
        "owned_by_login",
        "failure",
        "objects belong to the login, which can therefore change them",
        "the login owns nothing of MemoriesDB",
        "give them to memoriesdb_owner, or to who installed in memoriesdb_system; run "
        "`memoriesdb verify DSN` for what it may have changed.",
    ),
    check(
        "creates_in",
        "failure",
        "the login may create objects where it must not",
        "the login creates nothing in the schemas of MemoriesDB",
        "`revoke create on schema … from …`, `revoke create on database … from …`.",
    ),
)
