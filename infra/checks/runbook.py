"""Reads docs/runbook.md: an entry for each heading of the second level, with the alarms that it is about."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"

# What whoever is woken needs, in this order.
PARTS = ("Meaning", "First look", "Fix", "Verify")


def entries() -> dict[str, set[str]]:
    """The names of alarms by the anchor of their entry."""
    lines = {anchor: re.search(r"^(?:Alarms|Budget): (.*)\.$", text, re.MULTILINE) for anchor, text in _texts().items()}
    return {anchor: set(re.findall(r"`([a-z-]+)`", line[1])) if line else set() for anchor, line in lines.items()}


def missing_parts(entry: str) -> list[str]:
    """What an entry does not say."""
    return [part for part in PARTS if f"- **{part}:** " not in _texts()[entry]]


@cache
def _texts() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", RUNBOOK.read_text(), flags=re.MULTILINE)[1:]
    return {_anchor(title): text for title, text in zip(parts[::2], parts[1::2], strict=True)}


def _anchor(title: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
