"""Writes the English names of the countries that have holidays, from CLDR by the package Babel."""

from pathlib import Path

from babel import Locale

ROOT = Path(__file__).resolve().parents[2]
HOLIDAYS = ROOT / "shared/domain/src/holidays/national.txt"
NAMES = ROOT / "functions/web/src/view/country_names.txt"


def codes(table: str) -> list[str]:
    """The countries of the table: only the line of names has a blank behind the code."""
    return sorted({line[:2] for line in table.splitlines() if line[:2].isupper() and line[2:3] == " "})


def main() -> None:
    names = Locale("en").territories
    lines = [f"{code} {names[code]}" for code in codes(HOLIDAYS.read_text(encoding="utf-8"))]
    NAMES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
