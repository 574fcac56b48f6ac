"""Does the endpoint of the active model embed?"""

from dataclasses import dataclass

from memoriesdb.providers import ProviderError, make_provider

TIMEOUT_SECONDS = 3.0
# A text of nobody's.
PROBE = "Is anybody there?"


@dataclass(frozen=True)
class ActiveModel:
    """The model that recall asks, and where."""

    name: str
    provider: str
    endpoint: str
    model: str
    dimensions: int


def ask_endpoint(model: ActiveModel) -> str | None:
    """Embed one short text; return what was wrong, or None. No key is sent."""
    try:
        provider = make_provider(
            model.provider,
            model.endpoint,
            model.model,
            dimensions=model.dimensions,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            provider.embed([PROBE])
        finally:
            provider.close()
    except (ProviderError, ValueError) as error:
        return str(error)
    return None
