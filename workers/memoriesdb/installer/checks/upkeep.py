"""What doctor asks about what wears out: extensions, indexes, partitions, queues."""

from __future__ import annotations

from memoriesdb.installer.checks.check import ADMIN, AUDITOR, NOBODY_ELSE, WORKER, check

UPKEEP = (
    check(
        "missing_extensions",
        "failure",
        "extensions are missing or too old",
        "the extensions are there",
        "install pgvector 0.8 or newer on the server, then `alter extension vector update`.",
    ),
    check(
        "known_holes",
        "warning",
        "versions with known holes",
        "no version with a hole that is known to matter here",
        "update PostgreSQL to its last minor release, pgvector to 0.8.2 or newer (until then "
        "`set max_parallel_maintenance_workers = 0` where an HNSW index is built).",
    ),
    check(
        "outdated_extensions",
        "warning",
        "extensions of which the server has a newer version",
        "the extensions are the server's",
        "`alter extension … update`.",
    ),
    check(
        "invalid_indexes",
        "warning",
        "indexes are invalid: kept with every write, used by no query",
        "every index is valid",
        "`drop index concurrently …`, and make it again.",
    ),
    check(
        "unpopulated_slices",
        "warning",
        "slices of memory_graph have no data: the view cannot be read",
        "memory_graph can be read",
        "`select memoriesdb.request_graph_refresh()` as an admin, with a vindexing worker running.",
    ),
    check(
        "partitions_ahead",
        "warning",
        "partitions of the audit are not made ahead",
        "partitions of the audit are made ahead",
        "run the sealing worker, or `select memoriesdb.maintain_audit_partitions()` as an admin.",
        NOBODY_ELSE,
    ),
    check(
        "default_partition",
        "warning",
        "entries of the audit lie in a default partition",
        "no entry of the audit lies in a default partition",
        "run the vindexing worker, which makes partitions ahead; what lies there stays readable.",
        NOBODY_ELSE,
    ),
    check(
        "lost_mappings",
        "warning",
        "users are mapped to logins that are gone or others by now",
        "every mapped login is the one that was mapped",
        "`select memoriesdb.map_db_role(memoriesdb.user_id('…'), '…')` as an admin.",
        (ADMIN,),
    ),
    check(
        "dead_letters",
        "warning",
        "jobs were given up",
        "no job was given up",
        "`memoriesdb queue dead` says why; then `memoriesdb queue requeue` or `drop`.",
        (ADMIN, AUDITOR, WORKER),
    ),
    check(
        "old_jobs",
        "warning",
        "jobs have waited for more than ten minutes",
        "no job has waited for more than ten minutes",
        "run (more) workers: `memoriesdb worker embedding`, `memoriesdb worker vindexing`.",
        (ADMIN, AUDITOR, WORKER),
    ),
    check(
        "silent_workers",
        "warning",
        "jobs wait and no worker gives a sign of life",
        "no job waits without a worker",
        "`systemctl status 'memoriesdb-*'`, or run `memoriesdb worker embedding|vindexing`.",
        (ADMIN, AUDITOR),
    ),
    check(
        "changed_settings",
        "ok",
        "settings that were changed",
        "every setting has its default",
        "`select * from memoriesdb.settings` describes them.",
        (ADMIN,),
    ),
)
