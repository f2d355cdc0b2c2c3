"""What is allowed, what was done, and what is said of the difference."""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import expected  # noqa: E402
import template  # noqa: E402
import uses  # noqa: E402

TEMPLATE = template.load(Path(__file__).resolve().parents[2] / "template.yaml")

RESOURCES = {
    "table": "arn:aws:dynamodb:r:a:table/numo-local",
    "journal": "arn:aws:dynamodb:r:a:table/numo-local-journal",
    "GSI1": "arn:aws:dynamodb:r:a:table/numo-local/index/GSI1",
    "GSI2": "arn:aws:dynamodb:r:a:table/numo-local/index/GSI2",
    "": "arn:aws:other:r:a:thing",
}


def line(use: uses.Use) -> str:
    """What the local stack writes of a call."""
    role = template.attribute_of(TEMPLATE.functions()[use.function]["Role"])
    resource = RESOURCES.get(use.place, f"arn:aws:sqs:r:a:numo-local-{use.place}")
    return json.dumps({"role": f"numo-local-{role}-4F2A", "action": use.action, "resource": resource, "keys": "ORG#"})


def findings(done: set[uses.Use]) -> list[str]:
    return list(uses.findings(TEMPLATE, "\n".join(line(use) for use in sorted(done))))


EXCUSED = {uses.Use(*rule) for rule in expected.NOT_IN_THE_JOURNEY}
NEEDED = uses.allowed(TEMPLATE) - EXCUSED


class Uses(unittest.TestCase):
    def test_the_document_has_the_table_of_calls(self) -> None:
        document = (Path(__file__).resolve().parents[2] / "docs" / "security.md").read_text()
        self.assertIn(uses.table(TEMPLATE), document)

    def test_a_journey_that_does_all_but_what_is_excused_has_no_finding(self) -> None:
        self.assertEqual(findings(NEEDED), [])

    def test_what_is_allowed_and_never_done_is_named(self) -> None:
        for use in (
            uses.Use("web", "dynamodb:PutItem", "journal"),
            uses.Use("web", "dynamodb:Query", "GSI2"),
            uses.Use("meta-webhook", "sqs:SendMessage", "meta"),
        ):
            self.assertEqual(findings(NEEDED - {use}), [f"Allowed and never done: {use}."])

    def test_what_no_statement_tells_of_is_named(self) -> None:
        use = uses.Use("web", "dynamodb:UpdateItem", "table")
        self.assertEqual(findings(NEEDED | {use}), [f"Done, and no statement of the template tells of it: {use}."])

    def test_what_is_excused_may_be_done_all_the_same(self) -> None:
        self.assertEqual(findings(NEEDED | EXCUSED), [])

    def test_a_reason_for_what_no_role_allows_is_named(self) -> None:
        use = uses.Use("web", "dynamodb:UpdateItem", "table")
        with mock.patch.dict(expected.NOT_IN_THE_JOURNEY, {tuple(use): "no reason"}):
            self.assertEqual(findings(NEEDED), [f"Excused, and not allowed at all: {use}."])


if __name__ == "__main__":
    unittest.main()
