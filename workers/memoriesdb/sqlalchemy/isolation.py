"""The user set at every BEGIN, transaction-locally, so that any pool in between is fine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from memoriesdb.errors import UsageError, translate

if TYPE_CHECKING:
    # It needs greenlet as soon as it is imported: only where an application has it already.
    from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

USER: Final = "memoriesdb_user"
"""Key of ``Session.info`` for the user of one session: ``Session(info={USER: user_id})``."""


class _Acting(NamedTuple):
    user_id: UUID | None = None
    reason: str | None = None
    is_of_session: bool = False
    token: str | None = None
    act_for: UUID | None = None

    @property
    def identity(self) -> tuple[object, ...] | None:
        """What two transactions of one user have in common; None for nobody."""
        who = (self.user_id, self.token, self.act_for)
        return None if who == (None, None, None) else who


_NOBODY = _Acting()
_acting: ContextVar[_Acting] = ContextVar("memoriesdb_acting", default=_NOBODY)

Target = TypeVar("Target", Engine, "AsyncEngine", sessionmaker[Session], "async_sessionmaker[Any]")


@contextmanager
def acting_as(
    user_id: UUID | None = None,
    *,
    token: str | None = None,
    act_for: UUID | None = None,
    reason: str | None = None,
) -> Iterator[None]:
    """Let transactions that begin in this block, thread or task be of this user.

    Of engines given to ``isolate``. The user is named by the application, or proven by a
    ``token``. A service acts with ``act_for`` for a user to whom it was assigned. ``reason`` is
    recorded in the audit of what they change.
    """
    for named in (user_id, act_for):
        if named is not None and not isinstance(named, UUID):
            raise UsageError(f"a user is named by an id, not {named!r}")
    if user_id is not None and token is not None:
        raise UsageError("a user is named by an id or proven by a token", hint="Give one.")
    acting = _acting.set(_Acting(user_id, reason, token=token, act_for=act_for))
    try:
        yield
    finally:
        _acting.reset(acting)


def isolate(target: Target) -> Target:
    """Set the user at every BEGIN of this engine, or of this sessionmaker's engine; return it.

    The user is that of ``acting_as``; with a sessionmaker also the one in ``Session.info[USER]``,
    which then counts. Errors of the database carry their class of ``memoriesdb.errors`` as
    ``orig``.
    """
    engine = _engine(target)
    if engine is not None:
        _isolate_engine(engine)
        return target
    maker = cast("sessionmaker[Session] | async_sessionmaker[Any]", target)
    engine = _engine(maker.kw.get("bind"))
    if engine is None:
        raise UsageError(
            "this sessionmaker has no engine", hint="Give it bind=engine, or isolate the engines."
        )
    _isolate_engine(engine)
    if isinstance(maker, sessionmaker):
        event.listen(maker, "after_begin", _set_user_of_session)
    else:
        made = maker.kw.get("sync_session_class") or maker.class_.sync_session_class
        # A class of its own: other sessionmakers share the present one.
        base = made.class_ if isinstance(made, sessionmaker) else made
        own = type(base.__name__, (base,), {})
        maker.configure(sync_session_class=own)
        event.listen(own, "after_begin", _set_user_of_session)
    return target


def _engine(target: object) -> Engine | None:
    """The engine itself, or the one within an asynchronous engine."""
    engine = getattr(target, "sync_engine", target)
    return engine if isinstance(engine, Engine) else None


def _isolate_engine(engine: Engine) -> None:
    if not event.contains(engine, "begin", _set_user_of_context):
        event.listen(engine, "begin", _set_user_of_context)
        event.listen(engine, "before_execute", _refuse_mixing)
        event.listen(engine, "handle_error", _type_error)


def _set_user_of_context(connection: Connection) -> None:
    _set_user(connection, _acting.get())


def _set_user_of_session(
    session: Session, transaction: SessionTransaction, connection: Connection
) -> None:
    user_id = session.info.get(USER)
    if user_id is not None and not transaction.nested:
        _set_user(connection, _Acting(user_id, _acting.get().reason, True))


def _set_user(connection: Connection, acting: _Acting) -> None:
    connection.info[USER] = acting
    user_id = "" if acting.user_id is None else str(acting.user_id)
    # Until the end of the transaction. Without a user as well: should anything have set one for
    # the whole server connection, then this transaction is still nobody's.
    connection.execute(
        sa.select(
            sa.func.set_config("app.session", "", True),
            sa.func.set_config("app.current_user", user_id, True),
            sa.func.set_config("app.reason", acting.reason or "", True),
        )
    )
    if acting.token is not None:
        connection.execute(sa.select(sa.func.memoriesdb.login(acting.token)))
    if acting.act_for is not None:
        connection.execute(sa.select(sa.func.memoriesdb.act_for(acting.act_for)))


def _refuse_mixing(
    connection: Connection,
    _clause: object,
    _many: object,
    _parameters: object,
    _options: object,
) -> None:
    if not connection.in_transaction():
        return  # This statement will begin one, as the user of the moment.
    begun, now = connection.info.get(USER, _NOBODY), _acting.get()
    if now.identity not in (None, begun.identity) and not begun.is_of_session:
        raise UsageError(
            "this transaction is another user's",
            detail=f"It was begun for {_named(begun)}; now acts {_named(now)}.",
            hint="Commit or roll back before acting_as another user, or take another session.",
        )


def _named(acting: _Acting) -> str:
    """Whom a message names: never by the token itself."""
    if acting.token is not None:
        return "a token's user"
    return str(acting.user_id or "nobody")


def _type_error(context: ExceptionContext) -> None:
    error = context.original_exception
    if isinstance(error, psycopg.Error) and context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.orig = translate(error)


def create_engine(url: str | URL, **options: Any) -> Engine:
    """Make an isolated engine that is safe behind PgBouncer; options as SQLAlchemy's own.

    Nothing is prepared, since the next transaction may have another server connection.
    """
    return isolate(sa.create_engine(_for_psycopg(url), **_unprepared(options)))


def create_async_engine(url: str | URL, **options: Any) -> AsyncEngine:
    """Make an isolated asynchronous engine, as ``create_engine``.

    It needs greenlet: ``pip install sqlalchemy[asyncio]``.
    """
    from sqlalchemy.ext import asyncio

    return isolate(asyncio.create_async_engine(_for_psycopg(url), **_unprepared(options)))


def _for_psycopg(url: str | URL) -> URL:
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def _unprepared(options: Mapping[str, Any]) -> dict[str, Any]:
    arguments = {"prepare_threshold": None, **options.get("connect_args", {})}
    return {**options, "connect_args": arguments}
