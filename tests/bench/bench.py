"""Measures what the issues set limits for, and writes the report and docs/performance.md.

Run by `make bench`. NUMO_BENCH_RUNS sets how many demo runs are made (default 5).
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

from numo_local import archive  # noqa: E402

REPORT = ROOT / "target" / "bench" / "report.json"
DOCUMENT = ROOT / "docs" / "performance.md"
# The package limit of a function's archive, in bytes.
ZIP_LIMIT = 4_000_000


def main() -> int:
    runs = [demo(run) for run in range(1, int(os.environ.get("NUMO_BENCH_RUNS", "5")) + 1)]
    build_release()
    rows = demo_rows(runs) + zip_rows() + ledger_rows()
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps({"results": rows}, indent=1) + "\n")
    DOCUMENT.write_text(document(rows, runs))
    failed = [row["name"] for row in rows if not row["ok"]]
    print(f"{REPORT.relative_to(ROOT)}: {len(rows)} rows, over the limit: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


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


def demo_rows(runs: list[dict[str, float]]) -> list[dict[str, object]]:
    seconds = statistics.median(run["seconds"] for run in runs)
    return [
        row("demo_seconds", seconds, "s", 60),
        row("dispatch_duplicates", sum(run["duplicates"] for run in runs), "messages", 0),
    ]


def build_release() -> None:
    """Everything in release form at once: a part of the workspace would be built with other features."""
    subprocess.run(["cargo", "build", "--quiet", "--release", "--workspace", "--bins"], cwd=ROOT, check=True)


def ledger_rows() -> list[dict[str, object]]:
    """Planning, and reading two ledgers, counted by the simulated providers and the kernel."""
    done = subprocess.run(
        [ROOT / "target" / "release" / "numo-bench"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"error: the ledger measurements failed: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def zip_rows() -> list[dict[str, object]]:
    """The archives of all functions in release form, packed as they go to AWS."""
    functions = sorted(path.parent.name for path in ROOT.glob("functions/*/Cargo.toml"))
    return [row(f"zip_bytes.{name}", zip_bytes(name), "bytes", ZIP_LIMIT) for name in functions]


def zip_bytes(name: str) -> int:
    path = REPORT.parent / f"{name}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.write_bytes(archive.small((ROOT / "target" / "release" / name).read_bytes()))


def row(name: str, value: float, unit: str, limit: float) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "limit": limit, "ok": value <= limit}


def document(rows: list[dict[str, object]], runs: list[dict[str, float]]) -> str:
    seconds = sorted(run["seconds"] for run in runs)
    lines = [
        "# Performance",
        "",
        "Written by `make bench`; `target/bench/report.json` holds the same rows.",
        "",
        f"Measured on {date.today()} on {platform.machine()} {platform.system()} with {os.cpu_count()} processors.",
        f"The demo ran {len(runs)} times with webhooks doubled and shuffled: "
        f"{seconds[0]} s at best, {statistics.median(seconds)} s in the median, {seconds[-1]} s at worst.",
        "Times depend on the machine and on what else it does; calls, writes and bytes do not.",
        "",
        "| Row | Value | Unit | Limit | Met |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [f"| `{r['name']}` | {r['value']} | {r['unit']} | {r['limit']} | {'yes' if r['ok'] else 'no'} |" for r in rows]
    lines += ["", *sends_a_second(rows)]
    return "\n".join(lines) + "\n"


def sends_a_second(rows: list[dict[str, object]]) -> list[str]:
    """What the write units of a reminder allow: DynamoDB takes 1,000 a second in one partition."""
    units = {row["name"]: int(str(row["value"])) for row in rows if str(row["name"]).startswith("write_units")}
    sending, all_of_it = units["write_units_per_reminder.sending"], units["write_units_per_reminder"]
    return [
        "Everything of an organisation is in one partition of the table, which takes 1,000 write units a second.",
        f"A reminder writes {sending} of them while it is sent, so that one organisation can send at least "
        f"{1000 // sending} reminders a second, and {all_of_it} with all of its statuses: {1000 // all_of_it} a second "
        "if those arrive as fast.",
    ]


if __name__ == "__main__":
    sys.exit(main())
