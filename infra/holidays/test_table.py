"""The text form: names without marks, what comes back every year, what is listed."""

from __future__ import annotations

import sys
import unittest
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import table  # noqa: E402


def named(year: int, month: int, day: int, text: str) -> table.Holiday:
    return table.read(date(year, month, day), text)


class Reading(unittest.TestCase):
    """What the source's names say."""

    def test_marks_are_taken_off_the_name(self) -> None:
        for text, name, observed, estimated in (
            ("Christmas Day", "Christmas Day", False, False),
            ("Boxing Day (observed)", "Boxing Day", True, False),
            ("Eid al-Fitr (estimated)", "Eid al-Fitr", False, True),
            ("Eid al-Adha (observed, estimated)", "Eid al-Adha", True, True),
            ("Songkran Festival (in lieu)", "Songkran Festival", True, False),
            ("Janmashtami (Vaishnava)", "Janmashtami (Vaishnava)", False, False),
            ("Day off (substituted from 01/11/2025)", "Day off", False, False),
        ):
            with self.subTest(text):
                self.assertEqual(named(2026, 1, 1, text), table.Holiday(date(2026, 1, 1), name, observed, estimated))

    def test_a_day_of_two_holidays_is_estimated_if_one_of_them_is(self) -> None:
        both = named(2035, 12, 2, "Eid al-Fitr Holiday (estimated); National Day")
        self.assertEqual((both.name, both.observed, both.estimated), ("Eid al-Fitr Holiday; National Day", False, True))


class Writing(unittest.TestCase):
    """The lines of a country."""

    def test_dates_and_distances_from_easter_that_never_change_stand_once(self) -> None:
        years = {
            2026: [named(2026, 1, 1, "New Year"), named(2026, 4, 3, "Good Friday"), named(2026, 5, 4, "May Day")],
            2027: [named(2027, 1, 1, "New Year"), named(2027, 3, 26, "Good Friday"), named(2027, 5, 3, "May Day")],
        }
        self.assertEqual(
            table.block("XX", years),
            ["XX Good Friday|May Day|New Year", "XX* 0101c e-2a", "XX2026 0504b", "XX2027 0503b"],
        )

    def test_a_year_in_which_a_yearly_date_has_another_name_lists_it(self) -> None:
        years = {year: [named(year, 12, 25, "Christmas")] for year in (2025, 2026)}
        years[2027] = [named(2027, 12, 25, "Christmas; Eid (estimated)")]
        self.assertEqual(
            table.block("XX", years),
            ["XX Christmas|Christmas; Eid", "XX* 1225a", "XX2025", "XX2026", "XX2027 1225b~"],
        )

    def test_a_day_that_is_missing_in_one_year_is_listed_in_the_others(self) -> None:
        years = {2026: [named(2026, 6, 1, "Census")], 2027: []}
        self.assertEqual(table.block("XX", years), ["XX Census", "XX*", "XX2026 0601a", "XX2027"])

    def test_easter_sundays_are_those_of_the_western_churches(self) -> None:
        self.assertEqual(table.easter_block(range(2026, 2028)), ["@@2026 0405", "@@2027 0328"])

    def test_a_name_with_a_separator_or_a_mark_is_refused(self) -> None:
        for name in ("a|b", "Eid (probably estimated)"):
            with self.subTest(name), self.assertRaises(table.TableError):
                table.block("XX", {2026: [named(2026, 6, 1, name)]})


if __name__ == "__main__":
    unittest.main()
