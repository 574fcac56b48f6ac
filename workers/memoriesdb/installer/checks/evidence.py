"""What doctor asks about evidence and identity: keys, tokens, services, the ledger's sealing."""

from __future__ import annotations

from memoriesdb.installer.checks.check import ADMIN, NOBODY_ELSE, check

EVIDENCE = (
    check(
        "missing_keys",
        "failure",
        "signing keys are missing: no token opens a session",
        "the signing keys are there",
        "`memoriesdb upgrade DSN` makes them; find out who removed them.",
        NOBODY_ELSE,
    ),
    check(
        "restored_key",
        "warning",
        "the key that signs sessions is older than this cluster: it came with a backup",
        "the key that signs sessions was made in this cluster",
        "`select memoriesdb.rotate_signing_key()` as an admin: whoever has the backup has the key.",
        NOBODY_ELSE,
    ),
    check(
        "stalled_sealing",
        "warning",
        "entries of the audit wait to be sealed for longer than they may",
        "the ledger is sealed in time",
        "run `memoriesdb worker sealing`; where a transaction is named, end it: "
        "`select pg_terminate_backend(…)`. The setting seal_lag_alarm_seconds says how long.",
        (ADMIN,),
    ),
    check(
        "prepared_transactions",
        "warning",
        "prepared transactions hold back vacuum and the sealing of the ledger",
        "no prepared transaction is left over",
        "`commit prepared '…'` or `rollback prepared '…'` in its database.",
        (ADMIN,),
    ),
    check(
        "admin_tokens",
        "ok",
        "tokens with which an admin's work can be done",
        "no token has the scope admin",
        "`memoriesdb.revoke_token(…)` ends one.",
        (ADMIN,),
    ),
    check(
        "expiring_tokens",
        "warning",
        "tokens that are in use end within a week",
        "no token that is in use ends within a week",
        "issue new ones: `select memoriesdb.issue_token(…)`.",
        (ADMIN,),
    ),
    check(
        "expired_tokens",
        "ok",
        "tokens that have expired and were not revoked",
        "no token has expired without being revoked",
        "`memoriesdb.revoke_token(…)` closes them whatever the clock says.",
        (ADMIN,),
    ),
    check(
        "services",
        "ok",
        "services that act for users",
        "no service acts for anybody",
        "`memoriesdb.unassign_service(…)` ends it.",
        (ADMIN,),
    ),
)
