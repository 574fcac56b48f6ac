"""Settings of the worker processes: config file < credentials < environment < flags.

Every field can be set in a TOML file (``--config`` or ``MEMORIESDB_CONFIG``; a table named after
a duty, such as ``[embedding]``, wins over the top level), in a directory of secret files
(systemd's ``LoadCredential=`` or ``MEMORIESDB_SECRETS_DIR``, one file per setting named
``memoriesdb_dsn`` and so on), in the environment with the prefix ``MEMORIESDB_``, and by a flag
of the command. The reference page of the settings is generated from the descriptions below.
"""

import os
import socket
import tomllib
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

ENV_PREFIX = "MEMORIESDB_"

# The key travels to whatever address an admin of the database registers, so that it comes from
# whoever runs the process, and not from a file that is copied between machines.
_ENVIRONMENT_ONLY = frozenset({"api_key"})


class SettingsError(ValueError):
    """A setting is missing or cannot be used; the message says which and what to do."""


def _off_is_zero(value: object) -> object:
    """Read 'none', 'off' and the empty string as port 0."""
    if value is None or (isinstance(value, str) and value.strip().lower() in {"", "none", "off"}):
        return 0
    return value


def _blank_is_none(value: object) -> object:
    """Read an empty variable (a commented line of an EnvironmentFile) as not set."""
    return None if isinstance(value, str) and not value.strip() else value


Port = Annotated[int, BeforeValidator(_off_is_zero), Field(ge=0, le=65535)]
OptionalText = Annotated[str | None, BeforeValidator(_blank_is_none)]
OptionalSecret = Annotated[SecretStr | None, BeforeValidator(_blank_is_none)]


class WorkerSettings(BaseSettings):
    """What one worker process needs to know. Durations are in seconds."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", hide_input_in_errors=True, frozen=True
    )

    dsn: SecretStr = Field(
        description="Connection string of the database, through PgBouncer or direct, for a login "
        "that is a member of memoriesdb_worker. A password is better kept in a pgpass file."
    )
    maintainer_dsn: OptionalSecret = Field(
        default=None,
        description="Direct connection of a maintainer's login, with which the vindexing worker "
        "builds and drops vector indexes. Its login may become the tables' owner: guard it like a "
        "superuser's. Without one there are no such indexes, and recall weighs every vector.",
    )
    worker_name: OptionalText = Field(
        default=None,
        max_length=200,
        description="Name under which jobs are claimed and the heartbeat is written; one per "
        "process. Default: the duty, the host name and the process id.",
    )
    batch: int | None = Field(
        default=None,
        ge=1,
        le=1000,
        description="Jobs claimed at once. Default: 32 texts for embedding, 1 slice for vindexing.",
    )
    lease_seconds: float | None = Field(
        default=None,
        ge=1,
        le=3600,
        description="How long a claimed job belongs to this worker; afterwards any other may take "
        "it. Default: 120 for embedding, 600 for vindexing.",
    )
    poll_min_seconds: float = Field(
        default=0.2, gt=0, le=3600, description="Shortest wait between two looks at an idle queue."
    )
    poll_max_seconds: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Longest wait between two looks at an idle queue; the wait doubles from the "
        "shortest to this, with jitter, and starts again at the shortest after work was found.",
    )
    request_timeout_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Longest time for one request to the embedding provider, the whole answer "
        "included. It is cut further where the lease ends earlier.",
    )
    probe_timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        le=600,
        description="Longest time for the short request that tells whether a failure was the "
        "provider's or a text's.",
    )
    pause_max_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Longest pause after failures of the provider; a longer Retry-After of the "
        "provider's own is obeyed all the same, up to one hour.",
    )
    statement_timeout_seconds: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Longest time for one call of a queue function (set per transaction). The "
        "refresh of a slice may take as long as its lease.",
    )
    connect_timeout_seconds: int = Field(
        default=5, ge=2, le=600, description="Longest time to open a connection to the database."
    )
    reconnect_max_seconds: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Longest wait between two attempts to reach the database.",
    )
    heartbeat_seconds: float = Field(
        default=15.0,
        gt=0,
        le=3600,
        description="Time between two heartbeats and two readings of the queues' depth.",
    )
    shutdown_grace_seconds: float = Field(
        default=20.0,
        ge=0,
        le=3600,
        description="After SIGTERM or SIGINT: how long the batch in hand may take to finish before "
        "it is given back. systemd's TimeoutStopSec must be longer.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address on which /healthz and /metrics are served. They have no password: "
        "keep it on loopback or on a network of your own.",
    )
    metrics_port: Port = Field(
        default=0, description="Port of /healthz and /metrics; 0 or none turns them off."
    )
    endpoint: OptionalText = Field(
        default=None,
        pattern=r"^https?://",
        description="Embedding endpoint to use in place of the one registered with the model, for "
        "workers that reach the provider by another address.",
    )
    api_key: OptionalSecret = Field(
        default=None,
        description="API key of the provider. From the environment or a secret file only, never "
        "from the database, the config file or a flag.",
    )
    api_key_endpoint: OptionalText = Field(
        default=None,
        pattern=r"^https?://",
        description="The one endpoint that the API key may be sent to. Set it where the admins of "
        "the database, who register endpoints, are not to be trusted with the key.",
    )
    vector_index_plan_seconds: float = Field(
        default=60.0,
        gt=0,
        le=86400,
        description="Shortest time between two counts of everybody's vectors, by which the "
        "vindexing worker decides who has an index; longer where counting takes long.",
    )
    vector_index_memory_mb: int = Field(
        default=512,
        ge=64,
        le=1048576,
        description="Most memory of the server for building a vector index, in megabytes. An index "
        "that does not fit (about 1.7 kB a vector of 384 dimensions) takes many times as long.",
    )
    vector_index_parallel_workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Further processes of the server that help to build a vector index. They need "
        "shared memory of vector_index_memory_mb, which containers limit.",
    )
    seal_interval_seconds: float = Field(
        default=1.0,
        ge=0,
        le=3600,
        description="Time in which entries gather for the next block of the ledger.",
    )
    seal_lag_alarm_seconds: float = Field(
        default=300.0,
        gt=0,
        description="Age of an entry that is not sealed yet from which on the sealing worker warns "
        "and names the transaction that holds it up.",
    )
    digest_file: OptionalText = Field(
        default=None,
        description="File to which the sealing worker appends digests of the ledger, best on "
        "another machine's disk.",
    )
    digest_command: OptionalText = Field(
        default=None,
        description="Command that the sealing worker gives each new digest on its standard input, "
        "to keep it elsewhere. It runs without a shell and has 60 seconds.",
    )
    digest_interval_seconds: float = Field(
        default=300.0,
        ge=1,
        le=86400,
        description="Time between two digests; one is kept only where the ledger has grown.",
    )
    digest_key_file: OptionalText = Field(
        default=None,
        description="Ed25519 key in PEM that signs the digests (`memoriesdb ledger keygen`). "
        "Without one they are not signed.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Least severe level written to the log (JSON lines on stderr).",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.poll_min_seconds > self.poll_max_seconds:
            raise ValueError("poll_min_seconds is greater than poll_max_seconds")
        for name, given in (("dsn", self.dsn), ("maintainer_dsn", self.maintainer_dsn)):
            try:
                conninfo_to_dict(given.get_secret_value() if given else "")
            except psycopg.ProgrammingError:
                # libpq quotes the part it could not read, which may be the password.
                raise ValueError(
                    f"{name} is not a Postgres connection string such as "
                    "postgresql://login@host/database"
                ) from None
        return self

    def maintainer(self) -> str | None:
        """Return the maintainer's connection string, if there is one."""
        return self.maintainer_dsn.get_secret_value() if self.maintainer_dsn else None

    @classmethod
    def load(cls, duty: str, config: Path | None = None, **flags: Any) -> "WorkerSettings":
        """Merge file, secrets, environment and flags; flags that are None count as not given."""
        given = {name: value for name, value in flags.items() if value is not None}
        from_file = _read_file(config or _config_from_environment(), duty)

        class Merged(cls):  # type: ignore[misc, valid-type]
            """The same settings with this call's file and secrets as further sources."""

            @classmethod
            def settings_customise_sources(
                cls,
                settings_cls: type[BaseSettings],
                init_settings: PydanticBaseSettingsSource,
                env_settings: PydanticBaseSettingsSource,
                dotenv_settings: PydanticBaseSettingsSource,
                file_secret_settings: PydanticBaseSettingsSource,
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                file_settings = InitSettingsSource(settings_cls, init_kwargs=from_file)
                return init_settings, env_settings, file_secret_settings, file_settings

        secrets = os.environ.get("MEMORIESDB_SECRETS_DIR") or os.environ.get(
            "CREDENTIALS_DIRECTORY"
        )
        if secrets and not Path(secrets).is_dir():
            raise SettingsError(f"the directory of secret files is not there: {secrets}")
        try:
            merged = Merged(_secrets_dir=secrets, **given)
        except ValidationError as error:
            raise SettingsError(_explain(error)) from None
        return cls.model_construct(**{name: getattr(merged, name) for name in cls.model_fields})

    def name_for(self, duty: str) -> str:
        """Return the worker's name: the configured one, or one that no other process has."""
        return self.worker_name or f"{duty}@{socket.gethostname()}:{os.getpid()}"


def _config_from_environment() -> Path | None:
    value = os.environ.get(f"{ENV_PREFIX}CONFIG")
    return Path(value) if value else None


def _read_file(path: Path | None, duty: str) -> dict[str, Any]:
    """Read the TOML file: top level, then the table of this duty over it."""
    if path is None:
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read the config file {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"the config file {path} is not TOML: {error}") from None
    merged = {name: value for name, value in content.items() if not isinstance(value, dict)}
    merged.update(content.get(duty, {}))
    for name in sorted(_ENVIRONMENT_ONLY & merged.keys()):
        raise SettingsError(
            f"{name} is set in {path}: take it out there and set {ENV_PREFIX}{name.upper()}"
        )
    return merged


def _explain(error: ValidationError) -> str:
    """One line per problem, naming the variable and never its value."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        field = str(problem["loc"][0]) if problem["loc"] else ""
        variable = f"{ENV_PREFIX}{field.upper()}"
        if problem["type"] == "missing":
            lines.append(f"{field} is not set: give --{field} or set {variable}")
        elif problem["type"] == "extra_forbidden":
            lines.append(f"{field} is not a setting: check its spelling in the config file")
        else:
            message = problem["msg"].removeprefix("Value error, ")
            lines.append(f"{field} ({variable}): {message}" if field else message)
    return "; ".join(lines)
