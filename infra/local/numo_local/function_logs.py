"""Copies what the functions logged from the emulator into files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from numo_local.settings import FUNCTIONS, STAGE


def collect(logs: Any, folder: Path) -> list[Path]:
    """Writes one file per function that logged anything."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in FUNCTIONS:
        lines = _lines(logs, f"/aws/lambda/numo-{STAGE}-{name}")
        if lines:
            path = folder / f"{name}.log"
            path.write_text("\n".join(lines) + "\n")
            written.append(path)
    return written


def _lines(logs: Any, group: str) -> list[str]:
    lines: list[str] = []
    try:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            lines.extend(event["message"].rstrip("\n") for event in page["events"])
    except (BotoCoreError, ClientError):
        # A function that was never invoked may have no group; a dying emulator has no logs to give.
        return lines
    return lines
