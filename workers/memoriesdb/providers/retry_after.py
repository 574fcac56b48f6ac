"""How long an endpoint asks to be left alone."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# An endpoint may not put a queue to sleep for longer.
LONGEST_SECONDS = 3600.0


def parse_retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Give the seconds of a Retry-After header, which holds seconds or an HTTP date."""
    if value is None:
        return None
    text = value.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())
    if math.isnan(seconds) or seconds < 0:
        return None
    return min(seconds, LONGEST_SECONDS)
