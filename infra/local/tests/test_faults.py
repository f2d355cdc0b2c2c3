"""What goes wrong by a plan, and for whom."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numo_local import faults  # noqa: E402

ADMINISTRATOR = {"authorization": "AWS4-HMAC-SHA256 Credential=NUMOADMIN/20261129/eu-west-1/sqs/aws4_request"}
FUNCTION = {"authorization": "AWS4-HMAC-SHA256 Credential=ASIAFUNCTION/20261129/eu-west-1/sqs/aws4_request"}


class FaultsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.plan = Path(folder.name) / "faults.json"
        self.faults = faults.Faults(self.plan, "NUMOADMIN")
        self.done: list[bytes] = []

    async def _handle(
        self, _method: str, _path: str, _headers: dict[str, str], body: bytes, _query: object
    ) -> faults.Answer:
        self.done.append(body)
        return 200, {}, body

    def _call(self, handler: faults.Handler, headers: dict[str, str], body: bytes = b"{}") -> tuple[int, str]:
        status, _headers, told = asyncio.run(handler("POST", "/", headers, body, {}))
        return status, json.loads(told).get("__type", "")

    def test_failures_take_turns_and_only_a_lost_answer_was_carried_out(self) -> None:
        table = self.faults.failing("dynamodb", self._handle)
        self.plan.write_text('{"dynamodb": 2}')
        told = [self._call(table, FUNCTION) for _ in range(6)]
        broken = (500, "InternalServerError")
        expected = [(200, ""), (400, "ProvisionedThroughputExceededException"), (200, ""), broken, (200, ""), broken]
        self.assertEqual(told, expected)
        self.assertEqual(len(self.done), 4)
        self.assertEqual(self.plan.with_suffix(".log").read_text(), "dynamodb\n" * 3)

    def test_nothing_fails_for_the_administrator_nor_without_a_plan(self) -> None:
        keys = self.faults.failing("kms", self._handle)
        self.assertEqual(self._call(keys, FUNCTION), (200, ""))
        self.plan.write_text('{"kms": 1}')
        self.assertEqual(self._call(keys, ADMINISTRATOR), (200, ""))
        self.assertEqual(self._call(keys, FUNCTION), (400, "ThrottlingException"))

    def test_messages_come_twice_or_late_and_no_webhook_is_lost(self) -> None:
        queue = self.faults.unreliable(self._handle)
        sends = {**FUNCTION, "x-amz-target": "AmazonSQS.SendMessage"}
        self.plan.write_text('{"doubled": 2, "lost": 1}')
        webhook = json.dumps({"QueueUrl": "http://local/numo-local-meta", "MessageBody": "m"}).encode()
        job = json.dumps({"QueueUrl": "http://local/numo-local-sync", "MessageBody": "j"}).encode()
        for body in (webhook, webhook, job):
            self._call(queue, sends, body)
        self.assertEqual(self.done[:3], [webhook, webhook, webhook])
        self.assertEqual(json.loads(self.done[3])["DelaySeconds"], 900)
        self.assertEqual(len(self.done), 4)


if __name__ == "__main__":
    unittest.main()
