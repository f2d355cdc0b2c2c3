"""Has the table and KMS fail for functions, and queues double and lose what they send, as on AWS on a bad day.

While its file is there, every so many-th call of what it names goes wrong: `{"dynamodb": 9, "kms": 3, "doubled": 4, "lost":
5}`. Failures take turns: a call is turned away since there are too many, it breaks before anything was done, or it was
carried out and its answer is lost. A message that is lost comes a quarter of an hour later. What the administrator calls,
deployment and tests that is, never fails. A line for each goes into a file beside the plan.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]

# What each service says when it takes no more calls, and when it broke.
THROTTLED = {"dynamodb": "ProvisionedThroughputExceededException", "kms": "ThrottlingException"}
BROKEN = {"dynamodb": "InternalServerError", "kms": "KMSInternalException"}

# Queues whose messages may be lost: what they tell stands in the table as well. Nobody tells a webhook twice.
MAY_BE_LOST = ("-sync", "-plan", "-dispatch")

# The longest that a message may be held back, in seconds.
LOST_FOR = 900


def watch(plan: Path) -> None:
    """Has MiniStack go by the file, whenever it is there."""
    from ministack.services import dynamodb, kms, sqs

    faults = Faults(plan, os.environ["AWS_ACCESS_KEY_ID"])
    for name, service in (("dynamodb", dynamodb), ("kms", kms)):
        service.handle_request = faults.failing(name, service.handle_request)
    sqs.handle_request = faults.unreliable(sqs.handle_request)


class Faults:
    """What goes wrong by a plan, and not for the administrator."""

    def __init__(self, plan: Path, administrator: str) -> None:
        self.plan = plan
        self.administrator = administrator
        self.calls: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def failing(self, name: str, handle: Handler) -> Handler:
        """A service some of whose calls fail."""

        async def answered(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Answer:
            if not self._is_next(name, headers):
                return await handle(method, path, headers, body, query)
            match self.failures[name] % 3:
                case 1:
                    return refusal(400, THROTTLED[name])
                case 2:
                    return refusal(500, BROKEN[name])
                case _:
                    await handle(method, path, headers, body, query)
                    return refusal(500, BROKEN[name])

        return answered

    def unreliable(self, handle: Handler) -> Handler:
        """Queues that double and lose some messages."""

        async def answered(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Answer:
            if headers.get("x-amz-target") != "AmazonSQS.SendMessage":
                return await handle(method, path, headers, body, query)
            message = json.loads(body)
            may_be_lost = message["QueueUrl"].endswith(MAY_BE_LOST)
            if may_be_lost and self._is_next("lost", headers):
                body = json.dumps({**message, "DelaySeconds": LOST_FOR}).encode()
            elif self._is_next("doubled", headers):
                await handle(method, path, headers, body, query)
            return await handle(method, path, headers, body, query)

        return answered

    def _is_next(self, name: str, headers: dict[str, str]) -> bool:
        """Whether this call of a function is one that goes wrong."""
        if f"Credential={self.administrator}/" in headers.get("authorization", ""):
            return False
        every = self._planned(name)
        if not every:
            return False
        self.calls[name] += 1
        if self.calls[name] % every:
            return False
        self.failures[name] += 1
        with self.plan.with_suffix(".log").open("a") as told:
            told.write(f"{name}\n")
        return True

    def _planned(self, name: str) -> int:
        """How many calls there are to one that goes wrong; 0 where none does."""
        try:
            return int(json.loads(self.plan.read_text()).get(name, 0))
        except FileNotFoundError:
            return 0


def refusal(status: int, kind: str) -> Answer:
    """An answer with an error, as SDKs read it."""
    body = json.dumps({"__type": kind, "message": "planned"}).encode()
    return status, {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": kind}, body
