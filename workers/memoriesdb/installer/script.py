"""The whole install as one script, for those who want to read it or run it with psql."""

from memoriesdb.installer import steps
from memoriesdb.installer.migrate import migration_script
from memoriesdb.installer.sources import Target


def script(target: Target | None = None) -> str:
    """Return the SQL of a fresh install, a transaction, without connecting to anything.

    The extensions are taken to live where ``target`` says, by default in public.
    """
    target = target or Target()
    parts = [steps.Step("migrations", migration_script(target))]
    parts += [
        *steps.lend(target),
        *steps.modules({}),
        *steps.objects(target, {}),
        *steps.finish(target),
    ]
    body = "\n\n".join(f"-- == {part.name}\n{part.sql.strip()}" for part in parts)
    lock = steps.lock.sql.decode()
    return (
        # Whatever the machine's locale says, this text is UTF-8; an encoding that cannot hold it is
        # refused by name, and not by the first character that it lacks.
        f"set client_encoding = 'UTF8';\nbegin;\n{steps.PROLOGUE}{lock};\n\n-- == bootstrap.sql\n"
        f"{steps.bootstrap(target).sql.strip()}\n\n{body}\n\ncommit;\n"
    )
