"""The API of a running stack against its own description, by schemathesis."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from numo_local.settings import ROOT, Settings, StackError

DOCUMENT = ROOT / "docs" / "openapi.json"

TOKENS = "NUMO_API_TOKENS"

# Whatever is sent: no failure of ours, no status, header, type or body that is not described, and nothing taken that
# the description excludes.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
)

# Organisations in turn stay below their 600 calls a minute, so that hardly an answer is 429.
RATE = "1800/m"

# Made by chance for each operation, beside the thousands that cover its parameters and bodies one by one.
EXAMPLES = 2

# What takes away that upon which others rest, in the order in which it is called after all others.
LAST = (
    (
        "DELETE /v1/connections/{id}",
        "DELETE /v1/senders/{phone_number_id}",
        "DELETE /v1/whatsapp-accounts/{waba_id}",
        "POST /v1/customers/{connection}/{contact}/erasure",
    ),
    ("POST /v1/organisation/erasure", "DELETE /v1/organisation/erasure"),
)

# Why an operation never succeeds.
EXCUSED = {
    "POST /v1/reminders/{attempt}/resolve": "no message of these organisations has an outcome that nobody knows",
    "POST /v1/senders": "takes a business token of Meta, which no answer tells",
    "POST /v1/test-messages": "a member proves a number by writing from it",
    "GET /v1/test-messages/{id}": "a member proves a number by writing from it",
    "DELETE /v1/whatsapp-accounts/{waba_id}": "accounts come from Meta's window, which is no call of the API",
}

# Why an operation succeeds on some days and not on others; another test shows that it does what it is for.
BY_THE_DAY = {
    "POST /v1/customers/{connection}/{contact}/send-now": "whoever owes may have been written to on the day, or is held",
    "GET /v1/manual-sends/{id}": "whoever owes may have been written to on the day, or is held",
}


def check(settings: Settings, url: str) -> None:
    """Raises StackError where an answer is not as it is described; the reports lie beside the logs."""
    tokens = os.environ.get(TOKENS)
    if not tokens:
        raise StackError(f"{TOKENS} is not set: session tokens of admins, with commas; their organisations are changed.")
    folder = settings.logs / "described"
    folder.mkdir(parents=True, exist_ok=True)
    parts = [_but(LAST), *map(_only, LAST)]
    failed = [number for number, part in enumerate(parts, 1) if not _run(folder, number, url, tokens, part)]
    answers = _read(folder.glob("answers-*.json"))
    (folder / "answers.txt").write_text(table(answers))
    if failed:
        reports = " and ".join(str(folder / f"report-{number}.txt") for number in failed)
        raise StackError(f"an answer of the API is not as it is described; {reports} says which")
    wrong = findings(operations(DOCUMENT), answers)
    if wrong:
        raise StackError(f"{'; '.join(wrong)}; {folder / 'answers.txt'} counts the answers")
    n_calls = sum(answer.total() for answer in answers.values())
    print(f"{n_calls} answers are as they are described; {folder / 'answers.txt'} counts them", flush=True)


def findings(described: Iterable[str], answers: Mapping[str, Counter[str]]) -> list[str]:
    """Operations whose answers show less than they should."""
    found = []
    for operation in described:
        succeeded = any(status.startswith("2") for status in answers.get(operation, ()))
        if operation not in answers:
            found.append(f"{operation} was never called")
        elif not succeeded and operation not in EXCUSED and operation not in BY_THE_DAY:
            found.append(f"{operation} never succeeded")
        elif succeeded and operation in EXCUSED:
            found.append(f"{operation} succeeded and needs no excuse")
        elif 2 * answers[operation]["429"] > answers[operation].total():
            found.append(f"{operation} was mostly refused for the rate of calls")
    return found


def table(answers: Mapping[str, Counter[str]]) -> str:
    """Calls of each operation by the class of their answers; 404 and 429 by themselves, since they show little."""
    columns = ("2xx", "3xx", "404", "429", "other 4xx", "5xx")
    lines = [f"{'operation':70}" + "".join(f"{column:>10}" for column in columns)]
    for operation, answer in sorted(answers.items()):
        counted: Counter[str] = Counter()
        for status, calls in answer.items():
            own = status in columns
            counted[status if own else "other 4xx" if status[0] == "4" else f"{status[0]}xx"] += calls
        lines.append(f"{operation:70}" + "".join(f"{counted[column]:>10}" for column in columns))
    lines += [f"never succeeds: {operation}: {why}" for operation, why in EXCUSED.items()]
    lines += [f"need not succeed: {operation}: {why}" for operation, why in BY_THE_DAY.items()]
    return "\n".join(lines) + "\n"


def operations(document: Path) -> list[str]:
    """Every operation of the document."""
    paths = json.loads(document.read_text())["paths"]
    return [f"{method.upper()} {path}" for path, described in paths.items() for method in described]


def _run(folder: Path, number: int, url: str, tokens: str, part: list[str]) -> bool:
    hooks = {
        "SCHEMATHESIS_HOOKS": "numo_local.described_hooks",
        "PYTHONPATH": str(ROOT / "infra" / "local"),
        "NUMO_API_ADDRESS": url,
        "NUMO_API_ANSWERS": str(folder / f"answers-{number}.json"),
        TOKENS: tokens,
    }
    with (folder / f"report-{number}.txt").open("w") as report:
        ended = subprocess.run(
            command(url, part), cwd=folder, env={**os.environ, **hooks}, stdout=report, stderr=subprocess.STDOUT
        )
    return ended.returncode == 0


def command(url: str, part: list[str]) -> list[str]:
    """The same calls in every run."""
    return [
        sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT),
        "--url", url,
        *part,
        "--phases", "coverage,fuzzing",
        "--checks", ",".join(CHECKS),
        "--mode", "all",
        "--max-examples", str(EXAMPLES),
        "--seed", "1",
        "--generation-deterministic",
        "--workers", "2",
        "--rate-limit", RATE,
        "--request-timeout", "30",
        "--continue-on-failure",
        "--suppress-health-check", "all",
        "--no-color",
    ]


def _only(part: Iterable[str]) -> list[str]:
    return [word for operation in part for word in ("--include-name", operation)]


def _but(parts: Iterable[Iterable[str]]) -> list[str]:
    return [word for part in parts for operation in part for word in ("--exclude-name", operation)]


def _read(files: Iterable[Path]) -> dict[str, Counter[str]]:
    answers: dict[str, Counter[str]] = {}
    for file in files:
        for operation, counted in json.loads(file.read_text()).items():
            answers.setdefault(operation, Counter()).update(counted)
    return answers
