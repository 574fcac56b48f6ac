"""The database, its set-up and its workers: MD5xx."""

from memoriesdb.errors.base import MemoriesError


class PlPythonMissingError(MemoriesError):
    """The database was installed without PL/Python, which this needs."""

    code = "MD501"


class EmbedderAwayError(MemoriesError):
    """The embedding endpoint did not answer; recall says so in a NOTICE and goes on with words."""

    code = "MD502"


class AppendOnlyError(MemoriesError):
    """Logs and history are not changed, and no table is truncated."""

    code = "MD503"


class EncodingError(MemoriesError):
    """The database's encoding is not UTF8."""

    code = "MD504"


class UnsafeRoleError(MemoriesError):
    """A role of MemoriesDB has attributes that it must not have."""

    code = "MD505"


class WorkerTooOldError(MemoriesError):
    """A worker is older than the database's last breaking change: it must be upgraded."""

    code = "MD506"


class UnknownSettingError(MemoriesError):
    """There is no setting of this name."""

    code = "MD507"


class FixedSettingError(MemoriesError):
    """This setting cannot change once there are memories that were written with it."""

    code = "MD508"


class RerankerAwayError(MemoriesError):
    """The reranking endpoint gave no scores; recall says so in a NOTICE and ranks without it."""

    code = "MD509"


class UnknownModelError(MemoriesError):
    """There is no embedding model of this name, or it is being dropped."""

    code = "MD510"


class ModelNotReadyError(MemoriesError):
    """The embedding model lacks vectors for too many memories to be switched to."""

    code = "MD511"


class ModelInUseError(MemoriesError):
    """An embedding model that recall uses cannot be dropped."""

    code = "MD512"
