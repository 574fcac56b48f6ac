"""The windows of time that phrases of `dates` stand for, by the calendar of python3-dateutil.

Kept apart so that only a question with a date imports the library. Seasons are the northern ones,
weeks begin on Monday, and days are those of UTC, as in the text that is embedded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dateutil.parser import parse
from dateutil.relativedelta import FR, MO, SA, SU, TH, TU, WE, relativedelta

from memoriesdb_pl.dates import Phrase

Window = tuple[date | None, date | None]

# How many, at least and at most.
_NUMBERS = {
    "a": (1, 1),
    "an": (1, 1),
    "one": (1, 1),
    "two": (2, 2),
    "three": (3, 3),
    "four": (4, 4),
    "five": (5, 5),
    "six": (6, 6),
    "seven": (7, 7),
    "eight": (8, 8),
    "nine": (9, 9),
    "ten": (10, 10),
    "eleven": (11, 11),
    "twelve": (12, 12),
    "a couple of": (2, 2),
    "a few": (2, 6),
    "several": (3, 8),
}
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_WEEKDAYS = {"mon": MO, "tue": TU, "wed": WE, "thu": TH, "fri": FR, "sat": SA, "sun": SU}
_WEEKS = {"first": 0, "second": 7, "third": 14, "fourth": 21}
_ONE_DAY = timedelta(days=1)
_STEPS = {
    "day": relativedelta(days=1),
    "week": relativedelta(weeks=1),
    "weekend": relativedelta(weeks=1),
    "month": relativedelta(months=1),
    "year": relativedelta(years=1),
}
# Every date has come back within so many years: a 29 February is skipped once a century.
_YEARS_BACK = 8


@dataclass(frozen=True)
class _Span:
    """The days from first on and before the other."""

    first: date
    before: date

    @property
    def is_day(self) -> bool:
        return self.before - self.first == _ONE_DAY


def work_out(phrases: Sequence[Phrase], today: date | None) -> list[Window]:
    """Give the windows of the phrases, each once, those of absolute dates first."""
    windows: list[Window] = []
    base = None
    for place, phrase in enumerate(phrases):
        if phrase.kind == "absolute":
            spans = _absolute(phrase, _year_near(phrases, place), today)
            if base is None and spans and spans[0].is_day:
                base = spans[0].first
            found = [_around(span, phrase) for span in spans]
            if phrase.joins and windows and found:
                found = _joined(windows.pop(), found[0])
            windows += found
    # "last week, as mentioned on 6 November 2023" is the week before that day.
    base = base or today
    if base is not None:
        windows += [
            (span.first, span.before)
            for phrase in phrases
            if phrase.kind == "relative" and (span := _relative(phrase.parts, base))
        ]
    return list(dict.fromkeys(windows))


def _year_near(phrases: Sequence[Phrase], place: int) -> int | None:
    """Give the year that a phrase names, or else the next one that does, or the last before it."""
    ordered = [*phrases[place:], *reversed(phrases[:place])]
    return next((year for phrase in ordered if (year := _year(phrase.parts))), None)


def _year(parts: dict[str, str]) -> int | None:
    for name in ("year", "m_year", "y_year", "s_year", "q_year", "only_year"):
        if name in parts:
            return int(parts[name])
    for name in ("iso", "iso_month"):
        if name in parts:
            return int(parts[name][:4])
    return int(parts["digits"][-4:]) if "digits" in parts else None


def _absolute(phrase: Phrase, year: int | None, today: date | None) -> list[_Span]:
    """Give the readings of a date; without a year it is the last one until today."""
    if year is not None:
        return _spans(phrase.parts, year)
    if today is None:
        return []
    is_over = phrase.lead.get("last") == "last"
    for back in range(_YEARS_BACK + 1):
        spans = _spans(phrase.parts, today.year - back)
        spans = [s for s in spans if (s.before if is_over else s.first) <= today]
        if spans:
            return spans
    return []


def _spans(parts: dict[str, str], year: int) -> list[_Span]:
    try:
        return list(dict.fromkeys(_read(parts, year)))
    except (ValueError, OverflowError):  # 31 February
        return []


def _read(parts: dict[str, str], year: int) -> list[_Span]:
    match parts:
        case {"iso": text}:
            return [_day(text)]
        case {"digits": text}:
            # 5/7/2023 is in May or in July; points are not used where the month comes first.
            orders = (True,) if "." in text else (False, True)
            return [_day(text, day_first=order) for order in orders]
        case {"day": day, "month": month}:
            last = _day(f"{day} {month} {year}")
            return [_until(parts.get("day_from"), month, year, last)]
        case {"m_month": month, "m_day": day}:
            last = _day(f"{parts.get('m_day_to', day)} {month} {year}")
            return [_until(day, month, year, last)]
        case {"y_month": month} | {"only_month": month}:
            return [_months(_day(f"1 {month} {year}").first, 1)]
        case {"iso_month": text}:
            return [_months(_day(f"{text}-01").first, 1)]
        case {"quarter": quarter}:
            return [_months(date(year, 3 * int(quarter) - 2, 1), 3)]
        case {"season": "winter"} | {"only_season": "winter"}:
            # The winter of 2022 ends in February, or begins in December.
            return [_months(date(y, 12, 1), 3) for y in (year - 1, year)]
        case {"season": season} | {"only_season": season}:
            return [_months(date(year, _SEASONS[season], 1), 3)]
    return [_months(date(year, 1, 1), 12)]


def _day(text: str, day_first: bool = False) -> _Span:
    first = parse(text, dayfirst=day_first, default=datetime(2000, 1, 1), ignoretz=True).date()
    return _Span(first, first + _ONE_DAY)


def _until(day: str | None, month: str, year: int, last: _Span) -> _Span:
    if day is None:
        return last
    first = _day(f"{day} {month} {year}").first
    return _Span(min(first, last.first), last.before)


def _months(first: date, count: int) -> _Span:
    return _Span(first, first + relativedelta(months=count))


def _around(span: _Span, phrase: Phrase) -> Window:
    """Give the window of a date by what stands before it: since, the beginning of, the week of."""
    if phrase.shift and not phrase.joins:
        shifted = _shifted(span, phrase.shift)
        if shifted is not None:
            return (shifted.first, shifted.before)
    if "part" in phrase.lead and not span.is_day:
        span = _part(span, phrase.lead["part"], phrase.lead.get("week"))
    match phrase.lead.get("side"):
        case "since" | "after" if not phrase.joins:
            return (span.first, None)
        case "before" | "prior to" if not phrase.joins:
            return (None, span.first)
        case "until" | "till" | "by" if not phrase.joins:
            return (None, span.before)
    return (span.first, span.before)


def _joined(first: Window, last: Window) -> list[Window]:
    """Give "from the first to the last" as one window, where it is one."""
    if first[0] is not None and last[1] is not None and first[0] < last[1]:
        return [(first[0], last[1])]
    return [first, last]


def _part(span: _Span, part: str, week: str | None) -> _Span:
    """Give a part of a span; generously, since what is early is not exact."""
    if week == "last":
        return _Span(span.before - timedelta(days=7), span.before)
    if week is not None:
        first = span.first + timedelta(days=_WEEKS[week])
        return _Span(first, min(first + timedelta(days=7), span.before))
    half, quarter = (span.before - span.first) / 2, (span.before - span.first) / 4
    match part:
        case _ if any(word in part for word in ("early", "beginning", "start", "first")):
            return _Span(span.first, span.before - half)
        case _ if any(word in part for word in ("late", "end", "second")):
            return _Span(span.before - half, span.before)
    return _Span(span.first + quarter, span.before - quarter)


def _shifted(span: _Span, shift: dict[str, str]) -> _Span | None:
    """Give the time before or after a date that a question counts from.

    The date belongs to it: what happened in the week before was told on that day.
    """
    unit = shift.get("unit", "week")
    if shift["side"] == "of":
        is_week = span.is_day and unit in ("week", "weekend") and "weekday" not in shift
        return _period(unit, span.first) if is_week else None
    if "weekday" in shift:
        on = _WEEKDAYS[shift["weekday"][:3]]
        if shift["side"] in ("before", "prior to"):
            return _Span(span.first + relativedelta(days=-1, weekday=on(-1)), span.before)
        return _Span(span.first, span.before + relativedelta(weekday=on(+1)) + _ONE_DAY)
    most = _count(shift.get("count", "one"))[1]
    try:
        if shift["side"] in ("before", "prior to"):
            return _Span(span.first - most * _STEPS[unit], span.before)
        return _Span(span.first, span.before + most * _STEPS[unit])
    except (ValueError, OverflowError):  # 999 years before 1950 is a year, after 9999 none
        return None


def _relative(parts: dict[str, str], base: date) -> _Span | None:
    try:
        return _counted(parts, base)
    except (ValueError, OverflowError):
        return None


def _counted(parts: dict[str, str], base: date) -> _Span:
    """Give the time that is named by its distance from the base."""
    match parts:
        case {"count": number, "ago_unit": unit}:
            least, most = _count(number)
            first = _period(unit, base - most * _STEPS[unit])
            return _Span(first.first, _period(unit, base - least * _STEPS[unit]).before)
        case {"past_unit": unit}:
            most = _count(parts.get("past", "one"))[1]
            return _Span(base - most * _STEPS[unit], base + _ONE_DAY)
        case {"unit": unit, "which": "this"}:
            return _period(unit, base)
        case {"unit": unit}:
            return _period(unit, base - _STEPS[unit])
        case {"weekday": name, "which": "this"}:
            monday = _period("week", base).first
            return _period("day", monday + relativedelta(weekday=_WEEKDAYS[name[:3]]))
        case {"weekday": name}:
            return _period("day", base + relativedelta(days=-1, weekday=_WEEKDAYS[name[:3]](-1)))
        case {"on_weekday": name}:
            return _period("day", base + relativedelta(weekday=_WEEKDAYS[name[:3]](-1)))
        case {"yesterday": _}:
            return _period("day", base - _ONE_DAY)
        case {"before_yesterday": _}:
            return _period("day", base - 2 * _ONE_DAY)
    return _period("day", base)


def _period(unit: str, day: date) -> _Span:
    """Give the day, week, weekend, month or year that a day is in."""
    monday = day - timedelta(days=day.weekday())
    match unit:
        case "week":
            return _Span(monday, monday + timedelta(days=7))
        case "weekend":
            return _Span(monday + timedelta(days=5), monday + timedelta(days=7))
        case "month":
            return _months(day.replace(day=1), 1)
        case "year":
            return _months(day.replace(month=1, day=1), 12)
    return _Span(day, day + _ONE_DAY)


def _count(number: str) -> tuple[int, int]:
    return (int(number), int(number)) if number.isdigit() else _NUMBERS[number]
