"""What functions may do and what they did in the journey, action by action."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from template import Template, as_list, attribute_of

import expected


class Use(NamedTuple):
    """One kind of call."""

    function: str
    action: str
    # Where: a table, an index, a queue; of other services nothing, since each has one resource.
    place: str

    def __str__(self) -> str:
        return f"{self.function}: {self.action} {self.place}".rstrip()


def allowed(template: Template) -> set[Use]:
    """Everything that the roles allow and the functions themselves call."""
    return {
        Use(name, action, place)
        for name, function in template.functions().items()
        for statement in template.statements(function)
        if statement.get("Sid") not in expected.CALLED_BY_AWS
        for action in as_list(statement["Action"])
        for place in (_place(action, json.dumps(each)) for each in as_list(statement["Resource"]))
    }


def done(template: Template, lines: str) -> set[Use]:
    """What the local stack wrote down of the calls that it allowed."""
    functions = {attribute_of(function["Role"]): name for name, function in template.functions().items()}
    found = set()
    for line in lines.splitlines():
        call = json.loads(line)
        # numo-local-WebRole-4F2A
        function = functions.get(call["role"].removeprefix("numo-local-").rpartition("-")[0])
        if function:
            found.add(Use(function, call["action"], _place(call["action"], call["resource"])))
    return found


def findings(template: Template, lines: str) -> Iterator[str]:
    """What is allowed without having been done, and without a reason why the journey does not do it."""
    may, did = allowed(template), done(template, lines)
    excused = {Use(*rule) for rule in expected.NOT_IN_THE_JOURNEY}
    for use in sorted(may - did - excused):
        yield f"Allowed and never done: {use}."
    for use in sorted(did - may):
        yield f"Done, and no statement of the template tells of it: {use}."
    for use in sorted(excused - may):
        yield f"Excused, and not allowed at all: {use}."


def _place(action: str, resource: str) -> str:
    """The place in a resource of the template or in the address of a deployed one."""
    if action.startswith("dynamodb:"):
        if "/index/" in resource:
            return resource.rpartition("/index/")[2].rstrip('"}')
        return "journal" if "journal" in resource.lower() else "table"
    if action == "sqs:SendMessage":
        return next(queue for queue in ("sync", "plan", "dispatch", "erasure", "meta") if queue in resource.lower())
    return ""


VERBS = {
    "GetItem": "get",
    "BatchGetItem": "batch get",
    "PutItem": "put",
    "DeleteItem": "delete",
    "Query": "query",
    "ConditionCheckItem": "check",
}

PLACES = ("table", "journal", "GSI1", "GSI2")


def table(template: Template) -> str:
    """The table of docs/security.md: what each function calls."""
    rows = ["| Function | Table | Journal | GSI1 | GSI2 | Others |", "| --- | --- | --- | --- | --- | --- |"]
    every = allowed(template)
    for name in template.functions():
        own = sorted(use for use in every if use.function == name)
        verbs = [
            ", ".join(verb for action, verb in VERBS.items() if Use(name, f"dynamodb:{action}", place) in own) or "-"
            for place in PLACES
        ]
        others = [f"`{use.action}`" for use in own if not use.place]
        queues = [use.place for use in own if use.action == "sqs:SendMessage"]
        others += [f"`sqs:SendMessage` to {', '.join(queues)}"] if queues else []
        rows.append(f"| `{name}` | {' | '.join(verbs)} | {', '.join(others)} |")
    return "\n".join(rows)
