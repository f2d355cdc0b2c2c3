"""What a deployment would change, as a table that a person confirms."""

from __future__ import annotations

import os
import sys
from typing import Any

from numo_local.settings import StackError

# What cannot be made again: it is neither removed nor replaced unless somebody types its name.
HOLDS_DATA = {
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SecretsManager::Secret",
}

WORDS = {"Add": "add", "Modify": "change", "Remove": "remove", "Dynamic": "perhaps change", "Import": "import"}


def table(changes: list[dict[str, Any]]) -> str:
    """One line for each resource: what happens to which, and because of which properties."""
    rows = [("", "resource", "type", "properties")]
    rows += [(_what_happens(change), change["LogicalResourceId"], change["ResourceType"], _properties(change)) for change in changes]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join("  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3])).rstrip() for row in rows)


def dangers(changes: list[dict[str, Any]]) -> list[str]:
    """The resources with data that would be removed or replaced, or may be."""
    return [
        change["LogicalResourceId"]
        for change in changes
        if change["ResourceType"] in HOLDS_DATA
        and (change["Action"] == "Remove" or change.get("Replacement") in ("True", "Conditional"))
    ]


def confirm(stack: str, changes: list[dict[str, Any]]) -> None:
    """Shows the changes and has somebody confirm them; a StackError if nobody does.

    YES=1 stands for a person, except where data would go.
    """
    print(f"{stack}:\n{table(changes)}", flush=True)
    for name in dangers(changes):
        _typed(name, f"{name} holds data and is removed or replaced. Type {name} to let it go: ")
    if os.environ.get("YES") != "1":
        _typed(stack, f"Type {stack} to deploy: ")


def _typed(expected: str, question: str) -> None:
    if not sys.stdin.isatty():
        raise StackError(f"Nobody can be asked to type {expected}; nothing was changed.")
    if input(question).strip() != expected:
        raise StackError(f"{expected} was not typed; nothing was changed.")


def _what_happens(change: dict[str, Any]) -> str:
    word = WORDS.get(change["Action"], change["Action"].lower())
    replaced = {"True": "replace", "Conditional": "perhaps replace"}.get(change.get("Replacement", ""))
    return replaced if replaced and change["Action"] == "Modify" else word


def _properties(change: dict[str, Any]) -> str:
    targets = [detail.get("Target", {}) for detail in change.get("Details", [])]
    return ", ".join(sorted({str(target.get("Name") or target.get("Attribute", "")) for target in targets} - {""}))
