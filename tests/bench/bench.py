"""Measures what the issues set limits for, and writes the report and docs/performance.md.

Run by `make bench`. NUMO_BENCH_RUNS sets how many demo runs are made (default 5); NUMO_BENCH_ONLY names parts, such as
"zip pages": those alone are measured, and all other rows of docs/performance.md stay with the day of their measurement.
"""

from __future__ import annotations

import json
import os
import platform
import re
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

from numo_local import archive  # noqa: E402
from numo_local.settings import FUNCTIONS  # noqa: E402

Row = dict[str, object]

REPORT = ROOT / "target" / "bench" / "report.json"
DOCUMENT = ROOT / "docs" / "performance.md"
# The package limit of a function's archive, in bytes.
ZIP_LIMIT = 4_000_000


# What `numo-bench` measures alone when it is named.
PARTS = ("counts", "dispatch_rate", "erasure", "pages", "cold_start")


def main() -> int:
    only = os.environ.get("NUMO_BENCH_ONLY", "").split()
    if unknown := set(only) - {"demo", "zip", *PARTS}:
        sys.exit(f"error: NUMO_BENCH_ONLY knows demo, zip, {', '.join(PARTS)}, but not {', '.join(sorted(unknown))}")
    rows = demo_rows() if not only or "demo" in only else []
    build_release()
    rows += zip_rows() if not only or "zip" in only else []
    if only:
        for part in [part for part in PARTS if part in only]:
            rows += measured_rows(part)
        rows = merged(known_rows(), rows)
    else:
        rows += measured_rows()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"results": rows}, indent=1) + "\n")
    DOCUMENT.write_text(document(rows))
    failed = [str(row["name"]) for row in rows if not row["ok"]]
    print(f"{REPORT.relative_to(ROOT)}: {len(rows)} rows, over the limit: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def known_rows() -> list[Row]:
    """The rows of the document, as they were measured."""
    line = r"^\| `(.+?)` \| (\S+) \| (.+?) \| (\S+) \| (yes|no) \| (\S+) \|$"
    return [
        {"name": name, "value": number(value), "unit": unit, "limit": number(limit), "ok": met == "yes", "measured": day}
        for name, value, unit, limit, met, day in re.findall(line, DOCUMENT.read_text(), re.MULTILINE)
    ]


def number(text: str) -> float:
    return float(text) if "." in text else int(text)


def merged(known: list[Row], fresh: list[Row]) -> list[Row]:
    """The fresh rows in the places of those that they replace, and the others as they were."""
    of = {row["name"]: row for row in fresh}
    return [of.pop(row["name"], row) for row in known] + list(of.values())


def demo(number: int) -> dict[str, float]:
    """One run of the demo, with webhooks doubled and shuffled."""
    done = subprocess.run(
        ["cargo", "run", "--quiet", "--bin", "numo-demo"],
        cwd=ROOT,
        env={**os.environ, "DEMO_EXIT": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"error: demo run {number} failed: {done.stderr.strip() or done.stdout.strip()}")
    summary = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"demo run {number}: {summary['seconds']} s, {summary['sent']} sent, {summary['duplicates']} duplicates")
    return summary


def demo_rows() -> list[Row]:
    n_runs = int(os.environ.get("NUMO_BENCH_RUNS", "5"))
    runs = [demo(run) for run in range(1, n_runs + 1)]
    seconds = sorted(run["seconds"] for run in runs)
    return [
        row("demo_seconds", statistics.median(seconds), f"s, median of {n_runs}", 60),
        row("demo_seconds.best", seconds[0], "s", 60),
        row("demo_seconds.worst", seconds[-1], "s", 60),
        row("dispatch_duplicates", sum(run["duplicates"] for run in runs), "messages", 0),
    ]


def build_release() -> None:
    """Everything in release form at once, linked as for AWS: a part of the workspace would be built with other features."""
    command = ["cargo", "build", "--quiet", "--release", "--config", "infra/release.toml", "--workspace", "--bins"]
    subprocess.run(command, cwd=ROOT, check=True)


def measured_rows(*part: str) -> list[Row]:
    """What `numo-bench` measures: all of it, or one part."""
    done = subprocess.run(
        [ROOT / "target" / "release" / "numo-bench", *part], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"error: the measurements failed: {' '.join(part)}")
    return [{**json.loads(line), "measured": str(date.today())} for line in done.stdout.splitlines()]


def zip_rows() -> list[Row]:
    """The archives of all functions in release form, packed as they go to AWS."""
    return [row(f"zip_bytes.{name}", zip_bytes(name), "bytes", ZIP_LIMIT) for name in sorted(FUNCTIONS)]


def zip_bytes(name: str) -> int:
    path = REPORT.parent / f"{name}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(archive.small((ROOT / "target" / "release" / name).read_bytes()))


def row(name: str, value: float, unit: str, limit: float) -> Row:
    return {
        "name": name, "value": value, "unit": unit, "limit": limit, "ok": value <= limit, "measured": str(date.today()),
    }


def document(rows: list[Row]) -> str:
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; `target/bench/report.json` holds the same rows.",
        "",
        f"Measured on {platform.machine()} {platform.system()} with {os.cpu_count()} processors, each row on its day.",
        "The demo runs with webhooks doubled and shuffled.",
        "Times depend on the machine and on what else it does; calls, writes and bytes do not.",
        "",
        "| Row | Value | Unit | Limit | Met | Measured |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{r['name']}` | {r['value']} | {r['unit']} | {r['limit']} | {'yes' if r['ok'] else 'no'} | {r['measured']} |"
        for r in rows
    ]
    lines += ["", *sends_a_second(rows)]
    return "\n".join(lines) + "\n"


def sends_a_second(rows: list[Row]) -> list[str]:
    """What the write units of a reminder allow: DynamoDB takes 1,000 a second in one partition."""
    units = {row["name"]: float(str(row["value"])) for row in rows if str(row["name"]).startswith("write_units")}
    sending, all_of_it = units["write_units_per_reminder.sending"], units["write_units_per_reminder"]
    return [
        "Everything of an organisation is in one partition of the table, which takes 1,000 write units a second.",
        f"A reminder writes {sending} of them while it is sent, so that one organisation can send at least "
        f"{1000 // sending:.0f} reminders a second, and {all_of_it} with all of its statuses: {1000 // all_of_it:.0f} a second "
        "if those arrive as fast.",
    ]


if __name__ == "__main__":
    sys.exit(main())
