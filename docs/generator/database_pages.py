"""The pages made from the database's catalogue and its comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generator.catalog import Catalog, Column, Function, Relation
from generator.markdown import anchor, block, code, page, table

WIDTH = 90

# PostgreSQL keeps comments on roles for the whole server, where a database's release has no say.
ROLES = {
    "memoriesdb_owner": "Owns tables and views. Nobody logs in as it or is a member of it.",
    "memoriesdb_definer": "Owns the functions, and has the rights that they need. Owns no table. "
    "Nobody logs in as it or is a member of it.",
    "memoriesdb_signer": "Owns the functions that read and make the signing keys, which nobody "
    "else can read. Nobody logs in as it or is a member of it.",
    "memoriesdb_eraser": "Owns the functions that erase and prune, the only ones that remove from "
    "the logs. Nobody logs in as it or is a member of it.",
    "memoriesdb_app": "A trusted application: may act for any active user.",
    "memoriesdb_client": "An SQL user: acts by a token, or as the user whom its own login is "
    "mapped to.",
    "memoriesdb_worker": "Calls the functions of the queues. Has no rights on tables.",
    "memoriesdb_maintainer": "Of logins that build vector indexes over a direct connection. Has no "
    "rights on tables: such a login becomes the owner by SET ROLE.",
    "memoriesdb_admin": "Manages users, models, settings and queues. Sees no memory.",
    "memoriesdb_auditor": "Reads audit, accesses and ledger, and verifies. Sees no memory.",
    "memoriesdb_pgbouncer": "The login of PgBouncer: looks up the passwords of other logins.",
}


def tables(catalog: Catalog) -> str:
    """Return the page of tables."""
    found = [r for r in catalog.relations if r.kind == "table"]
    ours = [r for r in found if r.schema == "memoriesdb"]
    system = [r for r in found if r.schema != "memoriesdb"]
    return page(
        "Tables",
        "All tables of schema `memoriesdb` have row-level security, enabled and forced. Who may do "
        "what with them is in [Roles and privileges](roles-and-privileges.md).",
        _list(ours),
        *(_relation(catalog, relation) for relation in ours),
        "## Schema memoriesdb_system",
        "These belong to the superuser who installed.",
        *(_relation(catalog, relation, "###") for relation in system),
    )


def views(catalog: Catalog) -> str:
    """Return the page of views."""
    found = [r for r in catalog.relations if r.kind == "view"]
    return page("Views", _list(found), *(_relation(catalog, relation) for relation in found))


def functions(catalog: Catalog) -> str:
    """Return the page of functions."""
    api = [f for f in catalog.functions if not f.is_internal and not f.is_trigger]
    for_workers = [f for f in api if f.callers == ["memoriesdb_worker"]]
    for_admins = [f for f in api if f.callers == ["memoriesdb_admin"]]
    for_users = [f for f in api if f not in for_workers and f not in for_admins]
    internal = [f for f in catalog.functions if f.is_internal and not f.is_trigger]
    triggers = [f for f in catalog.functions if f.is_trigger]
    return page(
        "Functions",
        "Functions of schema `memoriesdb`, by who calls them. Errors are listed in "
        "[Errors](errors.md).",
        "## For applications and users",
        *map(_function, for_users),
        "## For admins",
        *map(_function, for_admins),
        "## For workers",
        *map(_function, for_workers),
        "## Internal functions",
        "The functions above and the policies call them. They may change in any release.",
        _function_list(internal),
        "## Trigger functions",
        _function_list(triggers),
    )


def settings(catalog: Catalog) -> str:
    """Return the page of settings of the database."""
    rows = [
        (code(s.key), code(s.default_value), _bounds(s.minimum, s.maximum), s.description)
        for s in catalog.settings
    ]
    return page(
        "Settings of the database",
        "They hold for all users of a database. An admin changes them with "
        "[set_setting](functions.md#set_setting); an upgrade keeps what was changed. The settings "
        "of the worker processes are in [Configuration](configuration.md).",
        block("select memoriesdb.set_setting('recall_fuzzy_weight', '0');"),
        table(("setting", "default", "bounds", "what it does"), rows),
    )


def roles(catalog: Catalog) -> str:
    """Return the page of roles and privileges."""
    parts = [
        "The roles are groups that cannot log in, except `memoriesdb_pgbouncer`, which a DBA lets "
        "log in where a pool is used. Logins are granted a group, and CONNECT on the database.",
        table(("role", "what it is for"), ((code(r), text) for r, text in ROLES.items())),
        "What is not listed here nobody may do. Row-level security then decides about the rows: "
        "see [Security model](../explanation/security-model.md).",
    ]
    for role in ROLES:
        if role == "memoriesdb_owner":
            continue
        parts += [f"## {role}", *_privileges(catalog, role)]
    return page("Roles and privileges", *parts)


def _privileges(catalog: Catalog, role: str) -> Iterator[str]:
    granted: dict[str, list[str]] = {}
    for found in catalog.privileges:
        if found.role == role:
            text = f"{found.privilege} ({found.columns})" if found.columns else found.privilege
            granted.setdefault(found.relation, []).append(text)
    rows = ((code(relation), "; ".join(texts)) for relation, texts in sorted(granted.items()))
    yield table(("table or view", "privileges"), rows) or "No rights on tables or views."
    callable_ = [f.name for f in catalog.functions if role in f.callers and not f.is_trigger]
    if callable_:
        yield "May call " + ", ".join(map(code, sorted(set(callable_)))) + "."


def _list(relations: Iterable[Relation]) -> str:
    rows = ((f"[{r.name}](#{anchor(r.name)})", _first_sentence(r.comment)) for r in relations)
    return table(("name", "what it holds"), rows)


def _relation(catalog: Catalog, relation: Relation, heading: str = "##") -> str:
    columns = [c for c in catalog.columns if c.relation == relation.name]
    parts = [f"{heading} {relation.name}", relation.comment or "", _columns(columns)]
    if relation.is_partitioned:
        parts.append("Partitioned by range of its first column.")
    if relation.is_unlogged:
        parts.append("Unlogged.")
    for kind, title in (
        ("constraint", "Constraints"),
        ("index", "Indexes"),
        ("trigger", "Triggers"),
        ("policy", "Policies"),
    ):
        rows = [
            (code(p.name), code(_short(p.definition)), *([p.comment or ""] if p.comment else []))
            for p in catalog.parts
            if p.relation == relation.name and p.kind == kind
        ]
        if rows:
            lines = [f"- {name}: {definition}{_dash(rest)}" for name, definition, *rest in rows]
            parts.append(f"{title}:\n\n" + "\n".join(lines))
    return "\n\n".join(part for part in parts if part)


def _columns(columns: Iterable[Column]) -> str:
    return table(
        ("column", "type", "null", "default", "meaning"),
        (
            (
                code(c.name),
                code(_short(c.type)),
                "" if c.is_not_null else "null",
                code(_short(c.default_value or "")),
                c.comment or "",
            )
            for c in columns
        ),
    )


def _function(function: Function) -> str:
    callers = ", ".join(code(role) for role in function.callers) or "its owner alone"
    rights = "its owner" if function.is_definer else "its caller"
    return "\n\n".join(
        [
            f"### {function.name}",
            block(_signature(function)),
            function.comment or "",
            f"Called by {callers}; runs with the rights of {rights}.",
        ]
    )


def _signature(function: Function) -> str:
    arguments, result = _short(function.arguments), _short(function.result)
    line = f"{function.name}({arguments}) → {result}"
    if len(line) <= WIDTH:
        return line
    if len(arguments) + len(function.name) > WIDTH or "\n" in arguments:
        arguments = "\n  " + ",\n  ".join(_split(arguments)) + "\n"
    if result.startswith("TABLE(") and len(result) > WIDTH:
        columns = ",\n  ".join(_split(result.removeprefix("TABLE(").removesuffix(")")))
        result = f"TABLE(\n  {columns}\n)"
    return f"{function.name}({arguments}) → {result}"


def _function_list(found: Iterable[Function]) -> str:
    return table(
        ("function", "what it does"),
        ((code(f"{f.name}({_short(f.identity_arguments)})"), f.comment or "") for f in found),
    )


def _split(arguments: str) -> list[str]:
    """Split at the commas that are in no parentheses, brackets or quotes."""
    return re.findall(r"(?:[^,('\[]|\([^)]*\)|\[[^\]]*\]|'[^']*')+", arguments.replace(", ", ","))


def _short(definition: str) -> str:
    """Return a definition without what PostgreSQL adds to every one."""
    text = re.sub(r"'([^']*)'::[a-z ]+(\[\])?", r"'\1'", definition)
    text = re.sub(r"NULL::[\w. ]+(\[\])?", "NULL", text)
    text = re.sub(r"\b(public|memoriesdb)\.", "", text)
    text = text.replace("timestamp with time zone", "timestamptz").replace(
        "double precision", "float8"
    )
    return text.replace("character varying", "varchar")


def _bounds(minimum: str | None, maximum: str | None) -> str:
    return "" if minimum is None and maximum is None else f"{minimum} to {maximum}"


def _first_sentence(comment: str | None) -> str:
    return re.split(r"(?<=[.:])\s", comment or "", maxsplit=1)[0].rstrip(":")


def _dash(rest: list[str]) -> str:
    return f" — {rest[0]}" if rest else ""
