"""Makes MiniStack hold functions to the leading keys of their roles, and writes down what they may do and did.

MiniStack decides by actions and resources, and knows no `dynamodb:LeadingKeys`: a condition upon them holds for whatever
is asked for. AWS refuses a call under another key; with this so does the emulator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

CONDITION = "dynamodb:LeadingKeys"

# What a transaction's parts are called in policies.
PARTS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Put": "dynamodb:PutItem",
    "Delete": "dynamodb:DeleteItem",
    "Update": "dynamodb:UpdateItem",
}

# Where the keys of one call travel beside its context; conditions never name it.
KEYS = "numo:keys"

# Partition keys by action; None stands for the one action of a call that is no transaction.
Keys = dict[str | None, list[str]]


def keys_of(body: bytes) -> Keys:
    """The partition keys that a call of DynamoDB is about."""
    try:
        call = json.loads(body or b"{}")
    except ValueError:
        return {}
    if not isinstance(call, dict):
        return {}
    found: Keys = {}
    for action, key in _keys(call):
        found.setdefault(action, []).append(key)
    return found


def _keys(call: dict[str, Any]) -> Iterator[tuple[str | None, str]]:
    for part in call.get("TransactItems", []):
        for name, detail in part.items():
            yield PARTS.get(name, name), _partition(detail.get("Item") or detail["Key"])
    for table in call.get("RequestItems", {}).values():
        for key in table.get("Keys", []):
            yield None, _partition(key)
    if "Item" in call or "Key" in call:
        yield None, _partition(call.get("Item") or call["Key"])
    if "KeyConditionExpression" in call:
        # "#pk = :pk", and what may follow is about the sort key.
        placeholder = call["KeyConditionExpression"].split(" AND ")[0].partition("=")[2].strip()
        yield None, call["ExpressionAttributeValues"][placeholder]["S"]


def _partition(attributes: dict[str, Any]) -> str:
    return str(attributes["pk"]["S"])


def watch(used: Path) -> None:
    """Has MiniStack decide by leading keys, and adds a line to the file for every new kind of call that is allowed."""
    from ministack.core import iam_actions, iam_evaluator

    context_of, decide = iam_actions.dynamodb_service_context, iam_evaluator.enforce
    seen: set[tuple[str, ...]] = set()

    def context_with_keys(body: bytes) -> dict[str, Any]:
        return {**context_of(body), KEYS: keys_of(body)}

    def decide_by_keys(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        context = dict(service_context or {})
        by_action: Keys = context.pop(KEYS, {})
        keys = by_action.get(iam_action, by_action.get(None, []))
        if keys:
            context[CONDITION] = keys
        refused = decide(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=context)
        role = None if refused else _role(access_key_id)
        if role:
            classes = sorted({key.partition("#")[0] + "#" for key in keys}) or [""]
            new = {(role, iam_action, resource_arn, key) for key in classes} - seen
            seen.update(new)
            if new:
                with used.open("a") as file:
                    file.writelines(json.dumps(dict(zip(("role", "action", "resource", "keys"), use))) + "\n" for use in new)
        return refused

    iam_actions.dynamodb_service_context = context_with_keys
    iam_evaluator.enforce = decide_by_keys


@lru_cache(maxsize=1024)
def _role(access_key_id: str) -> str | None:
    """The role whose session makes a call, or nothing for the administrator; a key is of one session for good."""
    from ministack.core.iam_evaluator import resolve_principal
    from ministack.core.responses import get_account_id

    arn = getattr(resolve_principal(access_key_id, get_account_id()), "arn", "")
    # arn:aws:sts::<account>:assumed-role/<role>/<session>
    return arn.split("/")[1] if ":assumed-role/" in arn else None
