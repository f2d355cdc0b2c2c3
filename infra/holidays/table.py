"""The text form of a country's holidays, as shared/domain/src/holidays.rs reads it."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.easter import easter

LETTERS = string.ascii_lowercase + string.ascii_uppercase + string.digits
EASTER = "@@"
MARKS = {"observed": "observed", "substitute day": "observed", "in lieu": "observed", "estimated": "estimated"}
LAST_BRACKET = re.compile(r"^(.*\S)\s*\(([^()]+)\)$")
MOVED_DAY_OFF = re.compile(r"^Day off \(substituted from [0-9/]+\)$")


class TableError(Exception):
    """The source says something that the text form cannot hold."""


@dataclass(frozen=True, order=True)
class Holiday:
    """One closed day; observed means that it stands in for a holiday on another date."""

    day: date
    name: str
    observed: bool
    estimated: bool


def read(day: date, text: str) -> Holiday:
    """Takes the marks off the source's name; several holidays on one day stay joined by a semicolon."""
    names, observed, estimated = [], True, False
    for part in text.split("; "):
        name, marks = without_marks(part.strip())
        if name not in names:
            names.append(name)
        observed = observed and "observed" in marks
        estimated = estimated or "estimated" in marks
    return Holiday(day, "; ".join(names), observed, estimated)


def without_marks(text: str) -> tuple[str, set[str]]:
    """`Eid al-Adha (observed, estimated)` is the name and its two marks."""
    if MOVED_DAY_OFF.match(text):
        return "Day off", set()
    found = LAST_BRACKET.match(text)
    if not found:
        return text, set()
    words = [word.strip() for word in found[2].split(",")]
    if not all(word in MARKS for word in words):
        return text, set()
    name, inner = without_marks(found[1])
    return name, inner | {MARKS[word] for word in words}


def easter_block(years: range) -> list[str]:
    """Easter Sundays of the western churches, to which countries refer by distance."""
    return [f"{EASTER}{year} {easter(year):%m%d}" for year in years]


def block(country: str, by_year: dict[int, list[Holiday]]) -> list[str]:
    """The lines of one country: its names, what comes back every year, and one line per covered year."""
    by_date, by_distance = recurring(by_year, month_day), recurring(by_year, distance)
    moving = {
        year: [h for h in sorted(days) if not comes_back(h, by_date, by_distance)] for year, days in by_year.items()
    }
    names = sorted({*by_date.values(), *by_distance.values(), *(h.name for days in moving.values() for h in days)})
    check(country, names)
    letter = dict(zip(names, LETTERS))
    every_year = [f"{day}{letter[name]}" for day, name in sorted(by_date.items())]
    every_year += [f"e{days:+d}{letter[name]}" for days, name in sorted(by_distance.items())]
    lines = [f"{country} {'|'.join(names)}", " ".join([f"{country}*", *every_year])]
    for year, days in sorted(moving.items()):
        lines.append(" ".join([f"{country}{year}", *(entry(h, letter) for h in days)]))
    return lines


def check(country: str, names: list[str]) -> None:
    """Refuses names that the reader could not tell from the marks around them."""
    if len(names) > len(LETTERS):
        raise TableError(f"{country} has {len(names)} names and there are {len(LETTERS)} letters")
    for name in names:
        if "|" in name or "\n" in name or "estimated" in name.lower() or "(observed" in name.lower():
            raise TableError(f"{country} has the name {name!r}")


def entry(holiday: Holiday, letter: dict[str, str]) -> str:
    """Month, day, the letter of the name, `+` for an observed day, `~` for an estimated one."""
    marks = "+" * holiday.observed + "~" * holiday.estimated
    return f"{month_day(holiday.day)}{letter[holiday.name]}{marks}"


def month_day(day: date) -> str:
    return f"{day:%m%d}"


def distance(day: date) -> int:
    """Days after Easter Sunday of the same year."""
    return (day - easter(day.year)).days


def recurring(by_year: dict[int, list[Holiday]], place: Callable[[date], Hashable]) -> dict[Any, str]:
    """Places of the year that are closed in every covered year, with the name that they mostly have."""
    names: dict[Any, Counter[str]] = {}
    for days in by_year.values():
        for holiday in days:
            names.setdefault(place(holiday.day), Counter())[holiday.name if plain(holiday) else ""] += 1
    always = {where: found for where, found in names.items() if found.total() == len(by_year)}
    mostly = {where: found.most_common(1)[0] for where, found in always.items()}
    return {where: name for where, (name, times) in mostly.items() if name and times * 2 > len(by_year)}


def comes_back(holiday: Holiday, by_date: dict[Any, str], by_distance: dict[Any, str]) -> bool:
    """Whether the line of every year says all there is to say about this day."""
    names = [by_date.get(month_day(holiday.day)), by_distance.get(distance(holiday.day))]
    return plain(holiday) and [name for name in names if name] == [holiday.name]


def plain(holiday: Holiday) -> bool:
    return not holiday.observed and not holiday.estimated
