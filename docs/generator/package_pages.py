"""The pages made from the package: errors, commands, configuration, metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from prometheus_client import Counter
from pydantic_core import PydanticUndefined

from generator.markdown import block, code, page, table
from memoriesdb.cli import app
from memoriesdb.config import ENV_PREFIX, WorkerSettings
from memoriesdb.console import EXIT_CODES
from memoriesdb.errors import MemoriesError
from memoriesdb.workers.metrics import LedgerMetrics, Metrics

SQL = Path(__file__).resolve().parents[2] / "sql"
GROUPS = {
    "MD0": "Who: users and what they may do",
    "MD1": "Input",
    "MD2": "Memories and links",
    "MD3": "Sharing",
    "MD4": "Ledger and erasure",
    "MD5": "Installation and operation",
    "MD6": "Encryption",
}
# How a statement names its error, and the hint that follows before the statement ends.
RAISED = re.compile(r"errcode\s*=\s*'(MD\d{3})'(.*?);\n", re.S)
# A literal may go on in the next line; what a format string leaves open is shown as an ellipsis.
LITERAL = r"'(?:[^']|'')*'"
HINT = re.compile(rf"hint\s*=\s*(?:pg_catalog\.)?(?:format\(\s*)?({LITERAL}(?:\s*\n\s*{LITERAL})*)")


def errors() -> str:
    """Return the page of errors."""
    hints = _hints()
    parts = [
        "Errors that MemoriesDB raises itself have an SQLSTATE of their own, which is part of the "
        "interface: match it, not the message. DETAIL says what was wrong this time, HINT what to "
        "do next. In Python each is a class of `memoriesdb.errors`, a subclass of `MemoriesError` "
        "and so of `psycopg.DatabaseError`.",
        "Other errors are PostgreSQL's: `42501` (insufficient_privilege) where a role has no right "
        "on a table or function, or where a row would not be the user's own.",
    ]
    for prefix, title in GROUPS.items():
        rows = [
            (
                code(sqlstate),
                code(cls.__name__),
                cls.__doc__ or "",
                " / ".join(hints[sqlstate]) or cls.advice or "",
            )
            for sqlstate, cls in sorted(MemoriesError.by_code.items())
            if sqlstate.startswith(prefix)
        ]
        head = ("SQLSTATE", "class", "meaning", "hints")
        parts += [f"## {title}", table(head, rows)]
    return page("Errors", *parts)


def _hints() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {sqlstate: [] for sqlstate in MemoriesError.by_code}
    for path in sorted(SQL.rglob("*.sql")):
        for sqlstate, rest in RAISED.findall(path.read_text(encoding="utf-8")):
            hint = HINT.search(rest)
            if hint:
                parts = re.findall(LITERAL, hint.group(1))
                text = "".join(part[1:-1].replace("''", "'") for part in parts)
                text = re.sub(r"%[sIL]", "…", text)
                if text not in found.setdefault(sqlstate, []):
                    found[sqlstate].append(text)
    return found


def cli() -> str:
    """Return the page of commands."""
    parts = [EXIT_CODES]
    parts += _commands(typer.main.get_command(app), "memoriesdb")
    return page("Commands", *parts)


def _commands(command: Any, name: str) -> Iterator[str]:
    children: dict[str, Any] = getattr(command, "commands", {})
    if children:
        if name != "memoriesdb" and command.help:
            yield f"## {name}\n\n{_plain(command.help)}"
        for child in children:
            yield from _commands(children[child], f"{name} {child}")
        return
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and not p.hidden]
    placeholders = [p.metavar or (p.name or "").upper() for p in arguments]
    usage = " ".join([name, *(["[OPTIONS]"] if options else []), *placeholders])
    parts = [f"## {name}", _plain(command.help or ""), block(usage, "text")]
    rows = [(code(p.metavar or (p.name or "").upper()), _plain(p.help or "")) for p in arguments]
    rows += [(code(_flags(p)), _option_help(p)) for p in options]
    parts.append(table(("argument or option", "meaning"), rows))
    if command.epilog:
        parts.append(_plain(command.epilog))
    yield "\n\n".join(part for part in parts if part)


def _flags(option: Any) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    if option.is_flag:
        return names
    return f"{names} {option.metavar or (option.name or 'value').upper()}"


def _option_help(option: Any) -> str:
    said = [_plain(option.help or "")]
    default = option.default
    if isinstance(default, str | int | float) and not option.is_flag and default != "":
        said.append(f"Default: {code(str(default))}.")
    if option.envvar:
        said.append(f"Variable: {code(str(option.envvar))}.")
    return " ".join(part for part in said if part)


def _plain(text: str) -> str:
    """Turn rich's markup into Markdown, and unwrap the lines of a docstring."""
    text = re.sub(r"\[bold\](.*?)\[/(?:bold)?\]", r"`\1`", text, flags=re.S)
    text = re.sub(r"\[/?[a-z]+\]", "", text).replace("\b", "").replace("\f", "")
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "\n\n".join(" ".join(line.strip() for line in p.splitlines()) for p in paragraphs)


def configuration() -> str:
    """Return the page of the worker processes' settings."""
    rows = []
    for name, field in WorkerSettings.model_fields.items():
        default = "" if field.default in (None, PydanticUndefined) else code(str(field.default))
        rows.append(
            (code(f"{ENV_PREFIX}{name.upper()}"), code(name), default, field.description or "")
        )
    return page(
        "Configuration of the workers",
        "A worker takes each setting from the first of these that has it: an option of the "
        "command; the environment, by the variable; a file named after the variable in lower case "
        "(`memoriesdb_dsn`) in the directory that `MEMORIESDB_SECRETS_DIR` or systemd's "
        "`CREDENTIALS_DIRECTORY` names; the TOML file that `--config` or `MEMORIESDB_CONFIG` "
        "names, where a table such as `[embedding]` wins over the top level. `api_key` cannot be "
        "in the TOML file. Limits and weights that belong to the database are in "
        "[Settings of the database](settings.md).",
        table(("variable", "name in the file", "default", "meaning"), rows),
    )


def metrics() -> str:
    """Return the page of metrics."""
    registry = Metrics("duty", "version").registry
    LedgerMetrics(registry)
    rows = []
    for family in sorted(registry.collect(), key=lambda family: family.name):
        if not family.name.startswith("memoriesdb_"):
            continue
        collector: Any = registry._names_to_collectors[family.name]
        labels = ", ".join(map(code, _labels(collector)))
        name = f"{family.name}_total" if isinstance(collector, Counter) else family.name
        rows.append((code(name), family.type, labels, family.documentation))
    return page(
        "Metrics of the workers",
        "A worker whose `MEMORIESDB_METRICS_PORT` is set serves them on `/metrics` in Prometheus' "
        "text format, beside the usual `process_…` ones. How to use them is in "
        "[Run the workers under systemd]"
        "(../how-to/run-workers-under-systemd.md#health-and-metrics).",
        table(("metric", "type", "labels", "meaning"), rows),
    )


def _labels(collector: Any) -> tuple[str, ...]:
    return tuple(collector._labelnames)
