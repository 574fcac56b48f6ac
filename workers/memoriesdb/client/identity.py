"""Calls about users, tokens and services: what users do for themselves, and what admins do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from memoriesdb.client.call import Call, method, nothing, one
from memoriesdb.client.parameters import to_texts
from memoriesdb.queries import load


class TokensApi:
    """Tokens, and services that act for one: of oneself, or as an admin anybody's."""

    @method
    def issue_token(
        self,
        user_id: UUID,
        ttl: timedelta | str = "30 days",
        scopes: Sequence[str] = ("read", "write"),
        label: str | None = None,
    ) -> Call[str]:
        """Make a token and return it: it is shown this once, and only its hash is kept.

        ``scopes``: read, write, share, and admin for admins; ``label`` says what it is for.
        """
        return one(
            load("client/issue_token", str),
            user_id=user_id,
            ttl=ttl,
            scopes=to_texts("scopes", scopes),
            label=label,
        )

    @method
    def revoke_token(self, token_id: UUID) -> Call[bool]:
        """Let a token open no session any more; False where that was so already."""
        return one(load("client/revoke_token", bool), token_id=token_id)

    @method
    def unassign_service(self, service_id: UUID, user_id: UUID) -> Call[bool]:
        """Let a service act for a user no more; False where it did not."""
        return one(load("client/unassign_service", bool), service_id=service_id, user_id=user_id)


class UsersApi:
    """Users, by an admin."""

    @method
    def create_user(
        self, username: str, email: str | None = None, role: str = "user"
    ) -> Call[UUID]:
        """Make a user and return the id. ``role``: admin, user, service, or viewer (reads)."""
        return one(load("client/create_user", UUID), username=username, email=email, role=role)

    @method
    def deactivate_user(self, user_id: UUID) -> Call[bool]:
        """Let nobody act as this user any more; False where that was so already."""
        return one(load("client/deactivate_user", bool), user_id=user_id)

    @method
    def reactivate_user(self, user_id: UUID) -> Call[bool]:
        """Undo ``deactivate_user``; False where the user was active."""
        return one(load("client/reactivate_user", bool), user_id=user_id)

    @method
    def assign_service(self, service_id: UUID, user_id: UUID) -> Call[bool]:
        """Let a service act for a user; False where it did already."""
        return one(load("client/assign_service", bool), service_id=service_id, user_id=user_id)

    @method
    def map_db_role(self, user_id: UUID, db_role: str | None) -> Call[None]:
        """Let this login act as this user without naming it; None ends that."""
        return nothing(load("client/map_db_role", str), user_id=user_id, db_role=db_role)

    @method
    def rotate_signing_key(self, grace: timedelta | str = "00:01:00") -> Call[int]:
        """Sign sessions with a new key; what runs goes on. Returns the key's number."""
        return one(load("client/rotate_signing_key", int), grace=grace)
