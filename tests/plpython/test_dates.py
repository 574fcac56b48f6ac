"""A question's dates become windows of time, and words that only look like dates do not."""

import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memoriesdb_pl
from acting import Database
from memoriesdb_pl.dates import MAX_WINDOWS, rows, windows

TODAY = date(2023, 8, 20)  # a Sunday

ABSOLUTE = {
    "What did Ada paint in May 2023?": ["2023-05-01 2023-06-01"],
    "in Sept. 2023": ["2023-09-01 2023-10-01"],
    "What happened on 7 May 2023": ["2023-05-07 2023-05-08"],
    "on May 7th, 2023, at noon": ["2023-05-07 2023-05-08"],
    "on 8th December, 2023": ["2023-12-08 2023-12-09"],
    "the picture of December 1,2023": ["2023-12-01 2023-12-02"],
    "on the 3rd of May 2023": ["2023-05-03 2023-05-04"],
    "on 2023-05-07": ["2023-05-07 2023-05-08"],
    "at 2023-05-07T10:00:00Z": ["2023-05-07 2023-05-08"],
    "2023/05/07": ["2023-05-07 2023-05-08"],
    "in 2023-05": ["2023-05-01 2023-06-01"],
    "am 25.7.2023": ["2023-07-25 2023-07-26"],
    "on 25/7/2023": ["2023-07-25 2023-07-26"],
    # In May or in July: both.
    "on 5/7/2023": ["2023-05-07 2023-05-08", "2023-07-05 2023-07-06"],
    "How often was she there in 2022?": ["2022-01-01 2023-01-01"],
    "the summer of 2022": ["2022-06-01 2022-09-01"],
    "in summer 2022": ["2022-06-01 2022-09-01"],
    "winter 2022": ["2021-12-01 2022-03-01", "2022-12-01 2023-03-01"],
    "the figures of Q3 2022": ["2022-07-01 2022-10-01"],
    "in the first half of September 2022": ["2022-09-01 2022-09-16"],
    "at the end of September 2022": ["2022-09-16 2022-10-01"],
    "in mid-September 2022": ["2022-09-08 2022-09-24"],
    "in the second week of September 2022": ["2022-09-08 2022-09-15"],
    "in the last week of September 2022": ["2022-09-24 2022-10-01"],
    "early 2022": ["2022-01-01 2022-07-03"],
    "between August 11 and August 15 2023": ["2023-08-11 2023-08-16"],
    "from 3 to 5 May 2023": ["2023-05-03 2023-05-06"],
    "May 3-5, 2023": ["2023-05-03 2023-05-06"],
    "from 2020 to 2022": ["2020-01-01 2023-01-01"],
    "in May and June 2023": ["2023-05-01 2023-06-01", "2023-06-01 2023-07-01"],
    "the week before August 3, 2023": ["2023-07-27 2023-08-04"],
    "two weeks before August 11, 2023": ["2023-07-28 2023-08-12"],
    "a few days after August 11, 2023": ["2023-08-11 2023-08-18"],
    "the Sunday before October 25, 2022": ["2022-10-23 2022-10-26"],
    "the week of May 10, 2023": ["2023-05-08 2023-05-15"],
    "the weekend of 10 May 2023": ["2023-05-13 2023-05-15"],
    "since May 2023": ["2023-05-01 None"],
    "before 2022": ["None 2022-01-01"],
    "by July 10, 2022": ["None 2022-07-11"],
    # Relative to the day that the question has.
    "last week, as mentioned on November 6, 2023": [
        "2023-11-06 2023-11-07",
        "2023-10-30 2023-11-06",
    ],
    "what happened on Friday, 23 January 2022": ["2022-01-23 2022-01-24"],
}
RELATIVE = {
    "on May 7th": ["2023-05-07 2023-05-08"],
    "on 7 September": ["2022-09-07 2022-09-08"],
    "on 29 February": ["2020-02-29 2020-03-01"],
    "in May": ["2023-05-01 2023-06-01"],
    "in August": ["2023-08-01 2023-09-01"],
    "in October": ["2022-10-01 2022-11-01"],
    "last August": ["2022-08-01 2022-09-01"],
    "during the summer": ["2023-06-01 2023-09-01"],
    "last summer": ["2022-06-01 2022-09-01"],
    "yesterday": ["2023-08-19 2023-08-20"],
    "the day before yesterday": ["2023-08-18 2023-08-19"],
    "this morning": ["2023-08-20 2023-08-21"],
    "last week": ["2023-08-07 2023-08-14"],
    "What did I do last week in London?": ["2023-08-07 2023-08-14"],
    "this week": ["2023-08-14 2023-08-21"],
    "last weekend": ["2023-08-12 2023-08-14"],
    "last month": ["2023-07-01 2023-08-01"],
    "last year": ["2022-01-01 2023-01-01"],
    "two months ago": ["2023-06-01 2023-07-01"],
    "3 days ago": ["2023-08-17 2023-08-18"],
    "a few days ago": ["2023-08-14 2023-08-19"],
    "in the last three months": ["2023-05-20 2023-08-21"],
    "last Friday": ["2023-08-18 2023-08-19"],
    "on Sunday": ["2023-08-20 2023-08-21"],
    "last Sunday": ["2023-08-13 2023-08-14"],
    "this Monday": ["2023-08-14 2023-08-15"],
}
NO_DATES = [
    "",
    "What is the name of Maria's puppy?",
    "May I march a second time?",
    "How may 5 people sit there? Chapter 3 may say.",
    "Did she fall into spring water?",
    "Who said that in 1830 words, or 2023 of them?",
    "What did April say to June and May?",
    "the birthday of June",
    "on Fridays",
    "a one-year-old child",
    "Version 1.2.2023.4, 2023-13-45, 99/99/2023, 31 February 2023",
    "Call 20230507 or 12345",
    "next week",
    "last but not least",
]


def said(query: str, today: date | None = TODAY, english: bool = True) -> list[str]:
    return [f"{since} {until}" for since, until in windows(query, today, english)]


@pytest.mark.parametrize("query", ABSOLUTE)
def test_a_date_is_the_time_that_it_names_whatever_the_day(query: str) -> None:
    assert said(query) == ABSOLUTE[query]
    assert said(query, None) == ABSOLUTE[query]
    assert said(query.upper()) == ABSOLUTE[query]


@pytest.mark.parametrize("query", RELATIVE)
def test_a_relative_date_is_counted_from_today_and_is_none_without_it(query: str) -> None:
    assert said(query) == RELATIVE[query]
    assert said(query, None) == []


@pytest.mark.parametrize("query", NO_DATES)
def test_words_that_look_like_dates_are_none(query: str) -> None:
    assert said(query) == []


def test_other_languages_have_dates_in_digits_alone() -> None:
    text = "last week, May 2023, am 7.5.2023 und 2022-01-02, yesterday"
    assert said(text, english=False) == ["2023-05-07 2023-05-08", "2022-01-02 2022-01-03"]


def test_windows_and_what_is_read_are_bounded() -> None:
    assert len(said(", ".join(f"{day} May 2023" for day in range(1, 29)))) == MAX_WINDOWS
    assert said("7 May 2023 " * 50) == ["2023-05-07 2023-05-08"]
    assert said("x " * 990 + " in May 2023") == ["2023-05-01 2023-06-01"]
    assert said("x " * 1000 + " in May 2023") == []


@pytest.mark.parametrize(
    "part",
    [
        "in may to may ",
        "the week before the week before ",
        "1 to 1 to ",
        "999 years ago ",
        "beginning of the ",
        "1-",
        "0",
        "a few ",
        " ",
        "last ",
        "\u0130",
    ],
)
def test_no_text_costs_much_time(part: str) -> None:
    windows("on 7 May 2023", TODAY)  # imports
    began = time.process_time()
    windows(part * 2000, TODAY)
    assert time.process_time() - began < 0.05


WORDS = (
    "the of in on last first week weeks month ago before after since until 7 31st 29 999 2023 2022"
    " 5/7/2023 2023-05-07 may march february summer winter friday q3 a few , - and to"
)


@given(st.lists(st.sampled_from(WORDS.split()), max_size=12).map(" ".join), st.dates())
def test_any_question_on_any_day_gives_windows_that_hold_something(query: str, today: date) -> None:
    found = windows(query, today)
    assert len(found) <= MAX_WINDOWS
    assert len(set(found)) == len(found)
    for since, until in found:
        assert since or until
        assert since is None or until is None or since < until


@given(st.text(max_size=200))
def test_any_text_is_read(query: str) -> None:
    windows(query, TODAY)


@pytest.mark.parametrize("today", ["infinity", "", "10000-01-01", "-0044-03-15", None])
def test_a_day_beyond_the_calendar_is_none(today: str | None) -> None:
    assert rows("in May", today, True) == []
    assert rows("until May 2023", today, True) == [("-infinity", "2023-06-01")]
    assert rows("since May 2023", today, True) == [("2023-05-01", "infinity")]


def test_only_a_question_with_a_date_needs_the_library() -> None:
    """In the server's Python it may be missing, and nobody is to wait for it who names no date."""
    program = (
        "import sys; from datetime import date; from memoriesdb_pl import dates\n"
        "print(dates.windows('May I ask?', date(2023, 8, 20)), dates.is_available(),"
        " dates.windows('in May 2023', None), 'dateutil' in sys.modules)"
    )
    # -S: no packages but the standard library.
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", program],
        env={"PYTHONPATH": str(Path(memoriesdb_pl.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[] False [] False\n"
    program = program.replace("dates.is_available(), dates.windows('in May 2023', None)", "0")
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[] 0 False\n"


def test_the_database_gives_the_same_windows(database: Database) -> None:
    """The gate before the module lets through whatever the module takes."""
    at = datetime(2023, 8, 20, 23, 59, tzinfo=UTC)
    expected = ABSOLUTE | RELATIVE | {query: [] for query in NO_DATES}
    with database.superuser() as db:
        # Nothing that a session sets changes what is read.
        db.execute("set timezone = 'Asia/Tokyo'; set datestyle = 'SQL, DMY'")
        found = db.execute(
            """
            select q, array(
              select coalesce(to_char(nullif(d.since, '-infinity') at time zone 'UTC',
                  'YYYY-MM-DD'), 'None')
                || ' '
                || coalesce(to_char(nullif(d.until, 'infinity') at time zone 'UTC',
                  'YYYY-MM-DD'), 'None')
              from memoriesdb._dates_in(q, %s) as d
            )
            from unnest(%s::text[]) as q
            """,
            (at, list(expected)),
        ).fetchall()
        assert dict(found) == expected
        count = "select count(*) from memoriesdb._dates_in(%s, %s::timestamptz)"
        for query, moment in [
            (None, at),
            ("in May", None),
            ("in May", "infinity"),
            ("in May", "294276-01-01"),
            ("in May", "4713-01-01 BC"),
        ]:
            assert db.execute(count, (query, moment)).fetchone() == (0,)


def test_another_language_has_dates_in_digits_alone_in_the_database(database: Database) -> None:
    database.administer("set_setting(%s, %s)", "search_language", '"german"')
    with database.superuser() as db:
        query = "select count(*) from memoriesdb._dates_in(%s, now())"
        assert db.execute(query, ("in May 2023, 7.5.2023",)).fetchone() == (1,)


@pytest.mark.parametrize("role", ["app", "client", "admin", "worker"])
@pytest.mark.parametrize(
    "call", ["_dates_in('in May', now())", "_parse_dates('in May 2023', null, true)"]
)
def test_nobody_calls_it_but_the_definers_functions(
    database: Database, role: str, call: str
) -> None:
    with (
        database.connect(role, pooled=False) as db,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        db.execute(f"select * from memoriesdb.{call}")
