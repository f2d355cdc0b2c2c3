"""Which keys a call of the table is about."""

from __future__ import annotations

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numo_local.leading_keys import keys_of  # noqa: E402


def key(pk: str) -> dict[str, object]:
    return {"pk": {"S": pk}, "sk": {"S": "x"}}


class LeadingKeys(unittest.TestCase):
    def test_every_call_of_the_product_tells_its_keys(self) -> None:
        for call, expected in (
            ({"TableName": "t", "Key": key("ORG#a#")}, {None: ["ORG#a#"]}),
            ({"TableName": "t", "Item": key("ORG#a#")}, {None: ["ORG#a#"]}),
            ({"RequestItems": {"t": {"Keys": [key("ORG#a#"), key("PAY#b#")]}}}, {None: ["ORG#a#", "PAY#b#"]}),
            (
                {
                    "IndexName": "GSI1",
                    "KeyConditionExpression": "#pk = :pk AND #sk BETWEEN :first AND :last",
                    "ExpressionAttributeValues": {":pk": {"S": "DUE#0"}, ":first": {"S": "a"}, ":last": {"S": "b"}},
                },
                {None: ["DUE#0"]},
            ),
            (
                {
                    "TransactItems": [
                        {"Put": {"Item": key("ORG#a#")}},
                        {"Put": {"Item": key("AUDIT#a#")}},
                        {"Delete": {"Key": key("ROUTE#b#")}},
                        {"ConditionCheck": {"Key": key("ORG#c#")}},
                    ]
                },
                {
                    "dynamodb:PutItem": ["ORG#a#", "AUDIT#a#"],
                    "dynamodb:DeleteItem": ["ROUTE#b#"],
                    "dynamodb:ConditionCheckItem": ["ORG#c#"],
                },
            ),
        ):
            with self.subTest(call):
                self.assertEqual(keys_of(json.dumps(call).encode()), expected)

    def test_what_is_no_call_of_the_table_has_no_keys(self) -> None:
        for body in (b"", b"{}", b"no json", b"[]", b'{"QueueUrl":"q"}'):
            with self.subTest(body):
                self.assertEqual(keys_of(body), {})


if __name__ == "__main__":
    unittest.main()
