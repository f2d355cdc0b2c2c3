"""Loaded by schemathesis: organisations take turns, calls name what is there, and answers are counted."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import threading
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode

from numo_local.described_calls import Impossible, Organisation

ADDRESS, TOKENS, ANSWERS = "NUMO_API_ADDRESS", "NUMO_API_TOKENS", "NUMO_API_ANSWERS"

_organisations = [Organisation(os.environ[ADDRESS], token) for token in os.environ[TOKENS].split(",")]
_turns: Counter[str] = Counter()
_calls: Counter[tuple[str, bool]] = Counter()
_answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
_lock = threading.Lock()


@schemathesis.auth(refresh_interval=None)
class Turn:
    """The organisations take turns at each operation, since each may make so many calls in a minute."""

    def get(self, case: Any, _context: Any) -> Organisation:
        with _lock:
            turn = _turns[case.operation.label]
            _turns[case.operation.label] += 1
        return _organisations[turn % len(_organisations)]

    def set(self, case: Any, organisation: Organisation, _context: Any) -> None:
        case.headers = {**(case.headers or {}), "Authorization": organisation.authorization}


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: Any) -> None:
    """Of the right calls of an operation every other one does what the operation is for, by an organisation that can;
    of all others two of three name things that are there."""
    organisation = _organisation_of(case)
    if organisation is None:
        return
    label, is_right = case.operation.label, _is_right(case)
    with _lock:
        call = _calls[label, is_right]
        _calls[label, is_right] += 1
    if is_right and call % 2 == 0:
        begin = _organisations.index(organisation)
        for able in _organisations[begin:] + _organisations[:begin]:
            with contextlib.suppress(Impossible):
                able.make_useful(label, case)
                return
    if call % 3 and case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
        with contextlib.suppress(Impossible):
            there = organisation.something(case.operation.path)
            case.path_parameters = {**case.path_parameters, **there}


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Counts, and remembers under which ids something was asked for."""
    organisation = _organisation_of(case)
    if organisation is not None:
        organisation.remember(case.operation.label, case.body, response.status_code)
    with _lock:
        _answers[case.operation.label][str(response.status_code)] += 1


def _organisation_of(case: Any) -> Organisation | None:
    """None for a call that is to show whether a token is asked for."""
    sent = (case.headers or {}).get("Authorization")
    return next((known for known in _organisations if known.authorization == sent), None)


def _is_right(case: Any) -> bool:
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@atexit.register
def _write() -> None:
    Path(os.environ[ANSWERS]).write_text(json.dumps(_answers))
