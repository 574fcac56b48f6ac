-- Belongs to the installing superuser and lives in his schema: in a schema of memoriesdb_owner,
-- that role could drop and replace it.
create or replace function memoriesdb_system.load_python()
returns void
language plpython3u
volatile
parallel unsafe
security definer -- nobody else reads what it loads
set search_path = pg_catalog, pg_temp
as $python$
import importlib.abc
import importlib.util
import sys

plan = SD.get("digest")
if plan is None:
    plan = SD["digest"] = plpy.prepare(
        "select pg_catalog.sha256(pg_catalog.string_agg(m.sha256, '' order by m.name)) as digest"
        " from memoriesdb_system._python_module as m"
    )
digest = plpy.execute(plan)[0]["digest"]
if SD.get("installed") == digest:
    return

rows = plpy.execute("select name, source from memoriesdb_system._python_module")
sources = {r["name"]: r["source"] for r in rows}


class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, fullname, path=None, target=None):
        if fullname in sources:
            is_package = self.is_package(fullname)
            return importlib.util.spec_from_loader(fullname, self, is_package=is_package)
        return None

    def is_package(self, fullname):
        return any(name.startswith(fullname + ".") for name in sources)

    def get_source(self, fullname):
        return sources[fullname]


# A new release replaces what this session has loaded of an older one.
sys.meta_path[:] = [f for f in sys.meta_path if f is not SD.get("finder")]
for name in [n for n in sys.modules if n == "memoriesdb_pl" or n.startswith("memoriesdb_pl.")]:
    del sys.modules[name]
SD["finder"] = Finder()
sys.meta_path.insert(0, SD["finder"])
SD["installed"] = digest
$python$;

revoke all on function memoriesdb_system.load_python() from public;
grant execute on function memoriesdb_system.load_python() to memoriesdb_definer;
comment on function memoriesdb_system.load_python() is
'Makes the modules of memoriesdb_system._python_module importable in this session; again when a '
'release has changed them. Nothing of a user is kept.';
