"""Secrets and telephone numbers that must not be in the tree; what tests make up is told from what is real."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

# What a secret looks like wherever it stands. None of these is written by anybody as an example of ours.
SECRETS: dict[str, re.Pattern[str]] = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*[A-Za-z0-9+/=]{16}"),
    "an access key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "a key of Google": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a token of Meta": re.compile(r"\bEAA[A-Za-z0-9]{40,}"),
    "a live key of Clerk": re.compile(r"\b[sp]k_live_[A-Za-z0-9]{8,}"),
    "a test key of Clerk": re.compile(r"\bsk_test_[A-Za-z0-9]{24,}"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{20,}"),
    "a signing secret of a webhook": re.compile(r"\bwhsec_[A-Za-z0-9+/]{20,}"),
    "a password in an address": re.compile(r"\bhttps?://[^\s/:@\"'{}<>]+:[^\s/@\"'{}<>]{6,}@"),
}

# Published as examples by those who make them, and the one that tests of Clerk's signature share.
EXAMPLES = {
    "AKIAIOSFODNN7EXAMPLE": "AWS: example of its documentation",
    "whsec_C2FVsBQIhrscChlQIMV": "Svix: example of its documentation",
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "Svix: example of its documentation",
    "whsec_cHJlc2VudC1zZWNyZXQtb2YtY2xlcms": "reads 'present-secret-of-clerk'",
    "whsec_cHJldmlvdXMtc2VjcmV0LW9mLWNsZXJr": "reads 'previous-secret-of-clerk'",
}

# A number in the form that everything here stores.
NUMBER = re.compile(r"(?<![\w+/=.])\+[1-9]\d{9,14}(?!\w)")

# Digits that only a made-up number has: a run up or down, or one digit again and again.
MADE_UP = re.compile(r"1234|2345|3456|5432|6543|7654|9876|8765|(\d)\1{3}|5550[0-9]|1230199")

# Where people who write tests put numbers; everywhere else a number is looked at by its digits.
FIXTURES = ("/tests/", "/fixtures/", "/corpus/", "/snapshots/", "/testdata/")


def findings(path: str, text: str) -> Iterator[str]:
    """One sentence for everything in a file that looks like a secret or somebody's number; it is not quoted."""
    for kind, pattern in SECRETS.items():
        for match in pattern.finditer(text):
            if not any(example in match[0] for example in EXAMPLES):
                yield f"{path}:{_line(text, match.start())} looks like {kind}."
    if not is_fixture(path):
        # The tests at the end of a file of Rust are fixtures too.
        code = text.partition("#[cfg(test)]")[0] if path.endswith(".rs") else text
        for match in NUMBER.finditer(code):
            if not MADE_UP.search(match[0]):
                yield f"{path}:{_line(text, match.start())} looks like somebody's telephone number."


def is_fixture(path: str) -> bool:
    """Whether a file holds what a test is given or expects."""
    return any(part in f"/{path}" for part in FIXTURES) or PurePosixPath(path).stem in ("tests", "test")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
