"""What is counted: metrics that the code writes into its logs, and those that the dashboard shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from template import Template

ROOT = Path(__file__).resolve().parents[2]

# A log line that is a metric, up to its end.
COUNTED = re.compile(r"tracing::\w+!\((?:[^;]*?)metric = \"(\w+)\"([^;]*?)\);", re.DOTALL)

# Fields that CloudWatch counts by, besides the stage (shared/runtime/src/telemetry/json_lines.rs).
DIMENSIONS = ("provider", "outcome")


@cache
def counted() -> dict[str, set[str]]:
    """The metrics that the code counts, each with its dimensions."""
    found: dict[str, set[str]] = {}
    for source in _sources():
        for name, rest in COUNTED.findall(source):
            dimensions = {"stage", *(field for field in DIMENSIONS if re.search(rf"[ ,(]{field}\b", rest))}
            found.setdefault(name, dimensions)
    return found


def is_outcome(outcome: str) -> bool:
    """Whether the code has a word that an outcome may be, in the case that it is written in."""
    return any(f'"{outcome}"' in source or f'"{outcome.upper()}"' in source for source in _sources())


def shown(template: Template) -> Iterator[dict[str, Any]]:
    """The metrics on the dashboard, in the form that alarms have them; a search of its own is left out."""
    body = template.nested["dashboard.yaml"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for widget in json.loads(body)["widgets"]:
        for line in widget["properties"]["metrics"]:
            if isinstance(line[0], str):
                names = [part for part in line[2:] if isinstance(part, str)]
                dimensions = [{"Name": n, "Value": v} for n, v in zip(names[::2], names[1::2], strict=True)]
                yield {"Namespace": line[0], "MetricName": line[1], "Dimensions": dimensions}


@cache
def _sources() -> tuple[str, ...]:
    """The code without its tests."""
    files = [*(ROOT / "shared").rglob("src/**/*.rs"), *(ROOT / "functions").rglob("src/**/*.rs")]
    return tuple(path.read_text().split("#[cfg(test)]\nmod tests {")[0] for path in sorted(files) if "tests" not in path.parts)
