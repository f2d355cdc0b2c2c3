"""Writes docs/costs.md: what AWS costs, from measured counts and dated prices. `--check` compares only.

Counts come from docs/performance.md, from the templates, and from what `ASSUMED` says; prices from prices.json, which is
the one place that has prices of AWS.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "costs.md"
DAYS = 30
MINUTES = DAYS * 24 * 60
SIZES = (10, 1_000, 100_000)
REMINDERS_OF_ORGANISATION = 200
MOST_PER_MILLION = 25.0
MOST_IDLE = 0.05

# What a million reminders came to when this was written; more than that fails the test.
REACHED_PER_MILLION = 27.2

# What no row of docs/performance.md counts, each with where it comes from.
ASSUMED = {
    "statuses": (3, "calls of Meta's webhook for a reminder: sent, delivered, read, each by itself"),
    "sqs_requests": (3, "requests for a message: sent, received, deleted; nothing in a batch"),
    "log_bytes_status": (1_170, "bytes of `meta-webhook` (329), `meta-events` (600) and the access log for a status, each line with the 26 that it is charged besides, as on the local stack"),
    "log_bytes_sent": (430, "bytes of `reminder-dispatch` for a reminder, as on the local stack"),
    "log_bytes_event": (450, "bytes of the log of the bus for a reminder"),
    "log_bytes_lambda": (600, "bytes that Lambda logs itself about a call: that it began, and what it took"),
    "log_bytes_job": (1_230, "bytes of a job that finds nothing to do, as on the local stack"),
    "seconds_webhook": (0.02, "seconds of `meta-webhook` for a call: the signature, and one message sent; 3 ms of it are half a millisecond of a processor, of which it has a seventh"),
    "seconds_status": (0.08, "seconds of `meta-events` for a status: six calls of the table, and 1.5 ms of a processor, of which it has a fourteenth"),
    "seconds_sweep": (1.5, "seconds of a sweep that finds nothing"),
    "seconds_call": (0.3, "seconds until a ledger answers"),
    "seconds_job": (0.3, "seconds of a job that is no sync and finds nothing to do"),
    "traced": (0.05, "share of calls that X-Ray records; what a queue carries on is of the same trace"),
    "gb": (0.5, "gigabytes of memory of a function"),
    "gb_dispatch": (1.0, "gigabytes of memory of `reminder-dispatch`"),
    "sent_a_second": (80, "reminders of one run in a second"),
    "pollers": (5, "long polls side by side of a queue that nobody writes to"),
    "polls_a_minute": (3, "of each of them: an answer takes 20 seconds"),
    "metrics": (60, "metrics that are counted in most hours, each with its outcomes"),
    "stored_mb": (10, "megabytes of the table for an organisation with 200 customers, indexes and two years included"),
}


@dataclass(frozen=True)
class Line:
    """One part of a cost."""

    what: str
    count: float
    unit: str
    price: float

    @property
    def usd(self) -> float:
        return self.count * self.price


def rows() -> dict[str, float]:
    """The rows of docs/performance.md by name."""
    text = (ROOT / "docs" / "performance.md").read_text()
    return {name: float(value) for name, value in re.findall(r"^\| `([^`]+)` \| ([0-9.]+) \|", text, re.MULTILINE)}


def template_counts() -> dict[str, int]:
    """Alarms, keys, queues and functions, as the templates have them."""
    main = (ROOT / "template.yaml").read_text()
    folder = ROOT / "infra" / "alarms"
    alarms = {path.name: path.read_text().count("Type: AWS::CloudWatch::Alarm") for path in folder.glob("*.yaml")}
    return {
        "alarms": sum(n * main.count(f"/alarms/{name}") for name, n in alarms.items()),
        "keys": main.count("Type: AWS::KMS::Key\n"),
        "secrets": main.count("Type: AWS::SecretsManager::Secret\n"),
        "queues": main.count("Type: AWS::Lambda::EventSourceMapping\n"),
    }


def lines_of_lambda() -> int:
    """How many of the functions of a status have a line of Lambda's own about a call that went well."""
    template = (ROOT / "template.yaml").read_text()
    functions = re.split(r"^  \w+Function:\n", template, flags=re.MULTILINE)
    of_status = [text for text in functions if re.search(r"FunctionName: !Sub numo-\${Stage}-(meta-webhook|meta-events)\n", text)]
    return len(of_status) - sum("SystemLogLevel: WARN\n" in text for text in of_status)


def gb_of(function: str) -> float:
    """The memory that the template gives a function."""
    template = (ROOT / "template.yaml").read_text()
    text = template.split(f"FunctionName: !Sub numo-${{Stage}}-{function}\n")[1].split("  Type: AWS::")[0]
    given = re.search(r"^ +MemorySize: (\d+)$", text, re.MULTILINE) or re.search(r"^    MemorySize: (\d+)$", template, re.MULTILINE)
    return int(given[1]) / 1024


def assumed(name: str) -> float:
    return ASSUMED[name][0]


def prices() -> dict[str, float]:
    return json.loads((Path(__file__).parent / "prices.json").read_text())["usd"]


def of_reminder(row: dict[str, float], usd: dict[str, float]) -> list[Line]:
    """What one reminder costs from its claim to its last status."""
    n = assumed("statuses")
    seconds = n * (assumed("seconds_webhook") * gb_of("meta-webhook") + assumed("seconds_status") * gb_of("meta-events"))
    seconds += assumed("gb_dispatch") / assumed("sent_a_second")
    logged = n * assumed("log_bytes_status") + assumed("log_bytes_sent") + assumed("log_bytes_event")
    logged += lines_of_lambda() * n * assumed("log_bytes_lambda")
    return [
        Line("the table, written", row["write_units_per_reminder"], "write units", usd["write_unit"]),
        Line("the table, read", row["read_units_per_reminder"], "read units", usd["read_unit"]),
        Line("calls of the webhook", n, "requests", usd["http_api_request"]),
        Line("messages of the queue", n * assumed("sqs_requests"), "requests", usd["sqs_request"]),
        Line("functions, called", 2 * n, "requests", usd["lambda_request"]),
        Line("functions, at work", seconds, "GB-seconds", usd["lambda_gb_second"]),
        Line("logs", logged / 1e9, "GB", usd["log_gb"]),
        Line("the bus", 1, "events", usd["event"]),
        Line("traces", n * assumed("traced"), "traces", usd["trace"]),
    ]


def of_idle_month(row: dict[str, float], usd: dict[str, float]) -> list[Line]:
    """What an organisation costs in a month in which nothing happens."""
    jobs, syncs = row["idle_day.jobs"] * DAYS, row["idle_day.jobs.sync_connection"] * DAYS
    seconds = syncs * row["sync_unchanged_calls.xero"] * assumed("seconds_call") + (jobs - syncs) * assumed("seconds_job")
    return [
        Line("the table, written", row["idle_day.write_units"] * DAYS, "write units", usd["write_unit"]),
        Line("the table, read", row["idle_day.read_units"] * DAYS, "read units", usd["read_unit"]),
        Line("the table, stored", assumed("stored_mb") / 1000, "GB", usd["table_gb_month"] + usd["backup_gb_month"]),
        Line("keys, used", row["idle_day.kms_calls"] * DAYS, "requests", usd["kms_request"]),
        Line("messages of queues", jobs * assumed("sqs_requests"), "requests", usd["sqs_request"]),
        Line("functions, called", jobs, "requests", usd["lambda_request"]),
        Line("functions, at work", seconds * assumed("gb"), "GB-seconds", usd["lambda_gb_second"]),
        Line("logs", jobs * (assumed("log_bytes_job") + assumed("log_bytes_lambda")) / 1e9, "GB", usd["log_gb"]),
        Line("traces", jobs * assumed("traced"), "traces", usd["trace"]),
    ]


def of_stage(row: dict[str, float], usd: dict[str, float]) -> list[Line]:
    """What a stage costs in a month before anybody uses it."""
    found = template_counts()
    calls = row["sweep_calls.1000"] - 200
    polls = found["queues"] * assumed("pollers") * assumed("polls_a_minute") * MINUTES
    return [
        Line("alarms", found["alarms"], "alarms", usd["alarm_month"]),
        Line("metrics", assumed("metrics"), "metrics", usd["metric_month"]),
        Line("the dashboard", 1, "dashboard", usd["dashboard_month"]),
        Line("keys", found["keys"], "keys", usd["kms_key_month"]),
        Line("the secret", found["secrets"], "secrets", usd["secret_month"]),
        Line("queues that are asked in vain", polls, "requests", usd["sqs_request"]),
        Line("sweeps, asking the table", calls * MINUTES / 2, "read units", usd["read_unit"]),
        Line("sweeps, at work", MINUTES * assumed("seconds_sweep") * assumed("gb"), "GB-seconds", usd["lambda_gb_second"]),
        Line("sweeps, called", MINUTES, "invocations", usd["schedule_invocation"] + usd["lambda_request"]),
    ]


def total(lines: list[Line]) -> float:
    return sum(line.usd for line in lines)


def table(lines: list[Line], times: int, head: str) -> list[str]:
    """The largest first."""
    whole = total(lines)
    told = ["| What | Count | USD " + head + " | Share |", "| --- | --- | --- | --- |"]
    for line in sorted(lines, key=lambda line: -line.usd):
        count = f"{line.count * times:,.0f}" if line.count * times >= 10 else f"{line.count * times:.3g}"
        told.append(f"| {line.what} | {count} {line.unit} | {line.usd * times:,.4g} | {line.usd / whole:.0%} |")
    return [*told, f"| all | | {whole * times:,.4g} | |"]


def verdict(name: str, value: float, most: float) -> str:
    met = "met" if value <= most else "NOT met"
    return f"{name}: {value:,.3g} USD, at most {most:g} allowed: {met}."


LOWER = """
## What would bring it lower

| What | A million reminders | An idle organisation | Why it is not done |
| --- | --- | --- | --- |
| a function address for Meta's webhook in the place of the gateway | {gateway:.2f} less | - | its calls could not be limited by rate, and its address is not ours |
| ten deliveries of Meta's in one batch, where they come fast | {batch:.2f} less | - | a panic ends the process ([decision 43](decisions/0043-panics-abort.md)): it would take nine others to the dead letters with it |
| provisioned capacity with reserved units for what is steady, at half the price | {provisioned:.2f} less | {idle_provisioned:.4f} less | nobody knows yet what is steady |
| events on the bus only once somebody outside wants them | {bus:.2f} less | - | nobody's rule may find the bus empty without a word; it needs a parameter |
| no traces of Meta's calls (`Tracing: PassThrough`) | {traces:.2f} less | - | how often Lambda traces cannot be set by function, so that it would be all of them or none |
| `arm64` (parameter `Architecture`) | {arm:.2f} less | {idle_arm:.4f} less | it is a parameter; release archives are measured on `x86_64` |
| syncs every two hours where the ledger's webhooks come | - | {syncs:.4f} less | until webhooks have proved themselves over months the clock finds what they lose |

All of them together: {all_of_it:.1f} USD per million reminders, {idle_all:.3f} USD per idle organisation and month.
"""


def lower(reminder: list[Line], idle: list[Line]) -> str:
    """What each lever takes off, by the same counts."""
    by, idle_by = {line.what: line.usd for line in reminder}, {line.what: line.usd for line in idle}
    million = 1e6
    saved = {
        "gateway": by["calls of the webhook"] * million,
        "batch": by["messages of the queue"] * million * (1 - 1.2 / assumed("sqs_requests")),
        "provisioned": by["the table, written"] * million / 2,
        "bus": (by["the bus"] + assumed("log_bytes_event") / 1e9 * prices()["log_gb"]) * million,
        "traces": by["traces"] * million,
        "arm": by["functions, at work"] * million * 0.2,
    }
    syncs = sum(usd for what, usd in idle_by.items() if what != "the table, stored") * 0.6
    idle_saved = {
        "idle_provisioned": (idle_by["the table, written"] / 2) * 0.4,
        "idle_arm": idle_by["functions, at work"] * 0.2 * 0.4,
        "syncs": syncs,
    }
    return LOWER.format(
        **saved,
        **idle_saved,
        all_of_it=total(reminder) * million - sum(saved.values()),
        idle_all=total(idle) - sum(idle_saved.values()),
    )


def document() -> str:
    row, usd = rows(), prices()
    read_on = json.loads((Path(__file__).parent / "prices.json").read_text())
    reminder, idle, stage = of_reminder(row, usd), of_idle_month(row, usd), of_stage(row, usd)
    lines = [
        "# Costs",
        "",
        "Written by `make costs` (`infra/costs/costs.py`) from counts and prices; a test compares it with them.",
        "",
        f"Prices were read on {read_on['read_on']} (`infra/costs/prices.json`): {read_on['region']}.",
        "Counts are rows of [performance.md](performance.md) and what the templates have; what nothing counts is assumed, and listed at the end.",
        "What Meta takes for messages is not in it: `numo-ops cost` tells that.",
        "",
        "## What it comes to",
        "",
        f"- {verdict('A million reminders', total(reminder) * 1e6, MOST_PER_MILLION)}",
        f"- {verdict('An organisation and month in which nothing happens, without its share of the stage', total(idle), MOST_IDLE)}",
        f"- A stage costs {total(stage):.2f} USD a month before anybody uses it.",
        "",
        f"An organisation and month, of {REMINDERS_OF_ORGANISATION} reminders where it sends, and 1,000 reminders with everything else:",
        "",
        "| Organisations | Share of the stage | Idle, with it | Sending, with it | 1,000 reminders, with it |",
        "| --- | --- | --- | --- | --- |",
    ]
    for size in SIZES:
        share = total(stage) / size
        sending = share + total(idle) + total(reminder) * REMINDERS_OF_ORGANISATION
        thousand = sending / REMINDERS_OF_ORGANISATION * 1000
        lines.append(f"| {size:,} | {share:.4f} | {share + total(idle):.3f} | {sending:.3f} | {thousand:.2f} |")
    lines += [
        "",
        "With ten organisations the stage is nearly all of it, and of the stage its alarms and metrics; with a thousand and more it is what an organisation costs while nothing happens, and of that the syncs.",
        "",
        "## A million reminders",
        "",
        *table(reminder, 1_000_000, "per million"),
        "",
        "The table's writes are the claim, which nothing can be taken from: it is what keeps a reminder from going out twice.",
        "What was done about them: statuses are joined into two write units a message (`status_join.write_units`), and the key of an organisation's data is opened once a run (`kms_calls_per_run`).",
        "",
        "## An organisation and month in which nothing happens",
        "",
        *table(idle, 1, "a month"),
        "",
        "It has 200 customers and one ledger, which is read every 30 minutes in business hours: a day has "
        f"{row['idle_day.jobs']:.0f} jobs, of which {row['idle_day.jobs.sync_connection']:.0f} are syncs.",
        "",
        "## A stage",
        "",
        *table(stage, 1, "a month"),
        "",
        "The sweep asks for due work in 16 parts every minute, however many organisations and kinds of work there are (`sweep_calls`).",
        *lower(reminder, idle).splitlines(),
        "",
        "## What is assumed",
        "",
        "| What | Value | Of |",
        "| --- | --- | --- |",
        *[f"| `{name}` | {value:,} | {what} |" for name, (value, what) in ASSUMED.items()],
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    if "--check" in sys.argv[1:]:
        if DOCUMENT.read_text() != document():
            print("error: docs/costs.md is not what the counts and prices say; run make costs.", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.write_text(document())
    return 0


if __name__ == "__main__":
    sys.exit(main())
