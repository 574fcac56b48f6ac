"""Which windows of time a question names: "in May 2023", "last week", "the week before 9 June".

Here is what regular expressions tell; a question without a date goes no further. What they find is
worked out by `calendar_windows` over python3-dateutil: 12 to 24 ms to import, once a session, then
0.01 to 0.1 ms a question. dateparser 1.1.6 took 160 to 250 ms to import and 0.2 to 0.8 ms a phrase,
needs five more packages, and knows neither "last Friday" nor "summer of 2022".

Windows are a preference and no filter, so a phrase with two readings gives both. English is read;
of other languages dates in digits.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

MAX_CHARACTERS = 2000
MAX_WINDOWS = 4

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WHOLE_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d:])"
_YEAR = r"(?:19|20)\d\d(?!\d)"
_TO = r"(?:[ ]?[-–][ ]?|[ ](?:to|and|through|until)[ ])"  # noqa: RUF001
_SEASON = r"(?:spring|summer|autumn|fall|winter)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_OF_NONE = rf"(?![ ](?:of|in)[ ](?:the[ ])?{_MONTH})"  # the last week of May is in May
_NUMBER = (
    r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|a[ ]couple[ ]of|a[ ]few|several)"
)
_UNIT = r"(?:day|week|weekend|month|year)"

# Dates in digits, the same in every language.
_DIGITS = rf"""
    (?P<iso>{_YEAR}([-/])(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d))
      (?:t\d\d:\d\d[^ ]{{0,20}})?
  | (?P<digits>\d{{1,2}}([-/.])\d{{1,2}}\4{_YEAR})(?!\.\d)
  | (?P<iso_month>{_YEAR}-(?:0[1-9]|1[0-2]))(?![-\d])
"""
# The first alternative that fits at a place is taken.
_WORDS = rf"""
  | (?:(?P<day_from>{_DAY}){_TO})?(?P<day>{_DAY}),?[ ](?:of[ ])?(?P<month>{_MONTH})
      (?:,?[ ]?(?:of[ ])?(?P<year>{_YEAR}))?
  | (?P<m_month>{_MONTH})[ ](?:the[ ])?(?P<m_day>{_DAY})(?:{_TO}(?:the[ ])?(?P<m_day_to>{_DAY}))?
      (?:,?[ ]?(?:of[ ])?(?P<m_year>{_YEAR}))?
  | (?P<y_month>{_MONTH}),?[ ](?:of[ ])?(?P<y_year>{_YEAR})
  | (?P<season>{_SEASON})(?:[ ]of|,)?[ ](?P<s_year>{_YEAR})
  | q(?P<quarter>[1-4])(?:[ ]of|,)?[ ](?P<q_year>{_YEAR})
  | (?P<only_year>{_YEAR})
  | (?P<only_month>{_WHOLE_MONTH})
  | (?P<only_season>{_SEASON})
  | (?P<before_yesterday>(?:the[ ])?day[ ]before[ ]yesterday)
  | (?P<yesterday>yesterday)
  | (?P<today>today|tonight|this[ ]morning)
  | (?P<count>{_NUMBER})[ ](?P<ago_unit>{_UNIT})s?[ ](?:ago|back)
  | (?:in|over|during|within|for)[ ]the[ ](?:last|past)[ ](?:(?P<past>{_NUMBER})[ ])?
      (?P<past_unit>{_UNIT})s?{_OF_NONE}
  | (?P<which>last|previous|this)[ ](?:past[ ])?
      (?:(?P<unit>{_UNIT}){_OF_NONE}|(?P<weekday>{_WEEKDAY}))
  | on[ ](?:the[ ])?(?P<on_weekday>{_WEEKDAY})(?!,?[ ](?:the[ ])?(?:\d|{_MONTH}|before|after))
"""
_IN_ENGLISH = re.compile(rf"(?<![\w.-])(?:{_DIGITS}{_WORDS})\b", re.VERBOSE)
_IN_ANY_LANGUAGE = re.compile(rf"(?<![\w.-])(?:{_DIGITS})\b", re.VERBOSE)

# What stands before a date. A year, month or season alone is one only behind such a word.
_PART = (
    r"(?P<part>early|mid|late|(?:the )?(?:very )?(?:beginning|start|middle|end) of"
    r"|(?:the )?(?:first|second) half of|(?:the )?(?P<week>first|second|third|fourth|last) week"
    r" (?:of|in))"
)
_LEAD = re.compile(
    rf"(?:\b(?P<side>since|after|before|until|till|by|prior to)[ ])?"
    rf"(?:\b(?P<last>last|this)[ ])?(?:\b{_PART}[ -])?(?:the[ ])?$"
)
_SHIFT = re.compile(
    rf"\b(?:(?P<count>{_NUMBER})[ ])?(?:(?P<unit>{_UNIT})s?|(?P<weekday>{_WEEKDAY}))[ ]"
    r"(?P<side>before|after|prior to|following|of)[ ](?:the[ ])?$"
)
_PLACED = re.compile(
    r"\b(?:in|during|throughout|since|until|till|before|after|by|for|from|through|of|year"
    r"|between|early|mid|late|last|this|and|to)[ -](?:the[ ])?$"
)
# Names of people and words that are no months stand behind the others ("of June", "and may").
_MONTH_PLACED = re.compile(
    rf"(?:\b(?:in|during|throughout|since|until|till|last|between)[ ]|\b{_PART}[ -])$"
)
_SEASON_PLACED = re.compile(r"\b(?:in|during|throughout|since|last|this|early|late)[ ](?:the[ ])?$")
_JOINED = re.compile(rf"{_TO}(?:the )?")
_OPENED = re.compile(r"\b(?:between|from)[ ](?:the[ ])?$")
_PREPOSED = re.compile(
    r"\b(?:on|by|since|until|before|after|between|from|to|and|of)[ ](?:the[ ])?$"
)


@dataclass(frozen=True)
class Phrase:
    """A date as the question has it: what kind it is, its parts, and the words around it."""

    kind: str
    """absolute, or relative: to now, or to the date that the question has."""
    parts: dict[str, str]
    lead: dict[str, str]
    """What stands before: since, the beginning of, last …"""
    shift: dict[str, str]
    """What it is counted from: the week before, two days after …"""
    joins: bool
    """It ends the span that the phrase before it begins."""


def windows(
    query: str, today: date | None, english: bool = True
) -> list[tuple[date | None, date | None]]:
    """Give the windows that a question names, as first day and the day after the last.

    None is an open end. Without today only dates that need none are read. At most four; only the
    first 2,000 characters are read. None at all where python3-dateutil is not installed.
    """
    phrases = list(_phrases(query[:MAX_CHARACTERS], english))
    if not phrases or not is_available():
        return []
    from memoriesdb_pl.calendar_windows import work_out

    return work_out(phrases, today)[:MAX_WINDOWS]


def rows(query: str, today: str | None, english: bool) -> list[tuple[str, str]]:
    """Give the windows as PostgreSQL reads dates. A today that is no date of a calendar is none."""
    try:
        day = None if today is None else date.fromisoformat(today)
    except ValueError:  # infinity, or beyond the year 9999
        day = None
    return [
        (str(since or "-infinity"), str(until or "infinity"))
        for since, until in windows(query, day, english)
    ]


def is_available() -> bool:
    """Say whether python3-dateutil is there."""
    try:
        import dateutil  # noqa: F401 - the library that calendar_windows needs
    except ModuleNotFoundError:
        return False
    return True


def _phrases(query: str, english: bool) -> Iterator[Phrase]:
    text = " ".join(query.casefold().split()).replace("mid-", "mid ")
    pattern = _IN_ENGLISH if english else _IN_ANY_LANGUAGE
    end: int | None = None
    opened = False
    # Each phrase costs a little, and a text may consist of them.
    for found, _ in zip(pattern.finditer(text), range(8 * MAX_WINDOWS), strict=False):
        before = text[max(0, found.start() - 60) : found.start()]
        parts = {key: value for key, value in found.groupdict().items() if value is not None}
        if not _is_date(parts, before):
            continue
        between = None if end is None else text[end : found.start()]
        joins = bool(between and _JOINED.fullmatch(between)) and (
            opened or between not in (" and ", " to ")
        )
        lead, shift = _LEAD.search(before), _SHIFT.search(before)
        yield Phrase(
            kind="relative" if parts.keys() & _RELATIVE else "absolute",
            parts=parts,
            lead=_given(lead),
            shift=_given(shift),
            joins=joins,
        )
        end, opened = found.end(), bool(_OPENED.search(before))


_RELATIVE = {
    "before_yesterday",
    "yesterday",
    "today",
    "count",
    "past_unit",
    "which",
    "on_weekday",
}


def _given(match: re.Match[str] | None) -> dict[str, str]:
    groups = {} if match is None else match.groupdict()
    return {key: value for key, value in groups.items() if value is not None}


def _is_date(parts: dict[str, str], before: str) -> bool:
    """Say whether it is a date where it stands: may and march are, and fall, are other words."""
    match parts:
        case {"only_year": _}:
            return bool(_PLACED.search(before))
        case {"only_month": _}:
            return bool(_MONTH_PLACED.search(before))
        case {"only_season": _}:
            return bool(_SEASON_PLACED.search(before))
        case {"m_month": "may" | "mar" | "march", "m_day": day} if "m_year" not in parts:
            return not day.isdigit() or bool(_PREPOSED.search(before))
        case {"month": "may" | "mar" | "march", "day": day} if "year" not in parts:
            return not day.isdigit() or bool(_PREPOSED.search(before))
    return True
