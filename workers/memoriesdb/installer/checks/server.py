"""What doctor asks about the server: its settings, its network, who copies its tables.

Of what only a DBA can change, applications are not told.
"""

from __future__ import annotations

from memoriesdb.installer.checks.check import ADMIN, NOBODY_ELSE, check

SERVER = (
    check(
        "logged_contents",
        "warning",
        "the server's log gets statements, with the texts and tokens that are in them",
        "the server's log gets no statements",
        "`log_statement = none`, `log_min_duration_statement = -1`, "
        "`log_min_error_statement = panic`, `log_error_verbosity = terse`, "
        "`log_parameter_max_length_on_error = 0`, `log_transaction_sample_rate = 0`.",
        (ADMIN,),
    ),
    check(
        "trusting_rules",
        "warning",
        "pg_hba.conf lets logins in without asking who they are",
        "pg_hba.conf asks everybody who he is",
        "`scram-sha-256` instead of `trust`, `peer` for the Unix socket; then "
        "`select pg_reload_conf()`.",
        NOBODY_ELSE,
    ),
    check(
        "open_network",
        "warning",
        "the server listens on the network and cannot encrypt",
        "the server encrypts, or listens on this machine alone",
        "`ssl = on` with a certificate, and `hostssl` instead of `host` in pg_hba.conf.",
        (ADMIN,),
    ),
    check(
        "published_tables",
        "warning",
        "tables are published: subscribers read every row, whatever the policies say",
        "no table is published",
        "`drop publication …` once an upgrade is over.",
    ),
    check(
        "subscriptions",
        "warning",
        "tables are written by a subscription: another server decides what is in them",
        "no table is written by a subscription",
        "`drop subscription …` once an upgrade is over, and switch the triggers on again.",
        NOBODY_ELSE,
    ),
    check(
        "lost_at_crash",
        "warning",
        "a crash loses, or breaks, what was committed",
        "what is committed survives a crash",
        "`on` for each; `alter system reset …` where somebody set it.",
        (ADMIN,),
    ),
    check(
        "no_checksums",
        "warning",
        "pages have no checksums: a disk that changes them is not noticed",
        "pages have checksums",
        "stop the server and run `pg_checksums --enable`.",
        (ADMIN,),
    ),
    check(
        "no_vacuum",
        "warning",
        "dead rows stay: those of erased texts, and those that slow the queues",
        "dead rows are vacuumed",
        "`alter system reset autovacuum`, `alter system reset track_counts`, "
        "`select pg_reload_conf()`.",
        (ADMIN,),
    ),
    check(
        "unread_dates",
        "ok",
        "recall reads no dates in questions",
        "recall reads dates in questions",
        "it needs PL/Python, and dateutil for the server's Python: `apt-get install "
        "python3-dateutil` on its machine; sessions that begin afterwards read them.",
        NOBODY_ELSE,
    ),
)
