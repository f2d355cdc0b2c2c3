"""Calls that succeed: what an organisation has, and bodies that are right for it."""

from __future__ import annotations

import itertools
import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable
from typing import Any

# A list that was read is good for so many seconds.
FRESH = 20

# Customers who are looked at before an organisation has nobody to write to now.
MOST_LOOKS = 8

CUSTOMERS = "/v1/customers?limit=20"

# Where things are listed: the list's name in the answer, and what addresses call which field.
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "/v1/connections": ("connections", {"id": "id"}),
    "/v1/conversations?limit=20": ("conversations", {"number": "number", "sender": "sender"}),
    CUSTOMERS: ("customers", {"connection": "connection", "contact": "contact"}),
    "/v1/invoices?limit=20": ("invoices", {"connection": "connection", "invoice": "invoice"}),
    "/v1/policies": ("policies", {"policy": "id"}),
    "/v1/reminders?limit=20": ("reminders", {"attempt": "attempt"}),
    "/v1/senders": ("senders", {"phone_number_id": "phone_number_id"}),
    "/v1/setup-links": ("links", {"id": "id"}),
    "/v1/whatsapp-accounts": ("accounts", {"waba_id": "waba_id"}),
}


class Impossible(Exception):
    """The organisation has nothing with which a call would succeed; another one may have."""


class Organisation:
    """One organisation, as one of its admins sees it."""

    def __init__(self, address: str, token: str) -> None:
        self.authorization = f"Bearer {token}"
        self._address = address
        self._ids = (str(uuid.UUID(int=number)) for number in itertools.count(0x018F0000_0000_7000_8000_000000000001))
        self._asked: dict[str, str] = {}
        self._turns: dict[str, itertools.count[int]] = {}
        self._lists: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def something(self, path: str) -> dict[str, str]:
        """Parameters of an address that name something of the organisation; the ones of a list take turns."""
        if path.startswith("/v1/plans/"):
            return {"date": self.read("/v1/plan?limit=1")["date"]}
        if path.startswith("/v1/library-texts/"):
            return {**self._listed("/v1/senders", path, waba_id="waba_id"), "purpose": "overdue_gentle", "language": "en"}
        if path in ("/v1/manual-sends/{id}", "/v1/test-messages/{id}"):
            if path not in self._asked:
                raise Impossible
            return {"id": self._asked[path]}
        return next((self._listed(listed, path) for listed in LISTS if path.startswith(f"{_plain(listed)}/{{")), {})

    def make_useful(self, label: str, case: Any) -> None:
        """Makes it the plain call with which a program does what the operation is for."""
        at = self.something(case.operation.path)
        right = RIGHT.get(label)
        body = right(self, at) if right else None
        case.headers = {"Authorization": self.authorization}
        case.query = {"currency": at["currency"]} if "currency" in (case.query or {}) else {}
        if case.path_parameters:
            case.path_parameters = {name: at.get(name, known) for name, known in case.path_parameters.items()}
        if body is not None:
            case.media_type = "application/json"
            case.body = body

    def remember(self, label: str, body: Any, status: int) -> None:
        """Keeps the id under which something was asked for."""
        looked_at = {
            "POST /v1/customers/{connection}/{contact}/send-now": "/v1/manual-sends/{id}",
            "POST /v1/test-messages": "/v1/test-messages/{id}",
        }.get(label)
        if looked_at and status == 202:
            self._asked[looked_at] = body["id"]

    def read(self, path: str) -> dict[str, Any]:
        """The answer of a GET."""
        answer = self._call("GET", path, None)
        if not answer:
            raise Impossible
        return answer

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Brings about what a call needs."""
        return self._call(method, path, body)

    def new_id(self) -> str:
        """An id that nothing has yet."""
        return next(self._ids)

    def first(self, listed: str) -> dict[str, Any]:
        """The first thing of a list."""
        return _some(self._read_list(listed))

    def _listed(self, listed: str, path: str, **fields: str) -> dict[str, str]:
        fields = fields or LISTS[listed][1]
        found = self._read_list(listed)
        if not found:
            raise Impossible
        turn = next(self._turns.setdefault(path, itertools.count()))
        return {ours: found[turn % len(found)][theirs] for ours, theirs in fields.items()}

    def _read_list(self, listed: str) -> list[dict[str, Any]]:
        read_at, found = self._lists.get(listed, (0.0, []))
        if not found or time.monotonic() - read_at > FRESH:
            found = self.read(listed).get(LISTS[listed][0], [])
            self._lists[listed] = (time.monotonic(), found)
        return found

    def _call(self, method: str, path: str, body: Any) -> dict[str, Any]:
        request = urllib.request.Request(
            self._address + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": self.authorization, "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return dict(json.load(answer))
        except (urllib.error.HTTPError, json.JSONDecodeError):
            return {}


def _plain(address: str) -> str:
    return address.partition("?")[0]


def _policy(name: str = "Every day") -> dict[str, Any]:
    day = {"start": "09:00", "end": "17:00"}
    return {
        "name": name,
        "state": "draft",
        "steps": [{"offset_days": 3, "tone": "gentle"}],
        "calendar": {"week": [day, day, day, day, day, None, None]},
        "caps": {"gap_days": 2, "per_seven_days": 3},
        "approval": "required",
    }


def _some(found: Iterable[Any]) -> Any:
    for each in found:
        return each
    raise Impossible


def _unbraked(of: Organisation) -> None:
    of.ask("PUT", "/v1/organisation/pause", {"paused": False})
    of.ask("DELETE", "/v1/cost/cap")


def _new_policy(of: Organisation, _at: dict[str, Any]) -> Any:
    customer = of.first(CUSTOMERS)
    at = {"connection": customer["connection"], "contact": customer["contact"]}
    return {"policy": {**_policy("One customer"), "audience": {"customer": at}}}


def _policy_edit(of: Organisation, at: dict[str, Any]) -> Any:
    seen = of.read(f"/v1/policies/{at['policy']}")
    return {"based_on": seen["version"], "policy": {**_policy(), "audience": seen["audience"]}}


def _policy_end(of: Organisation, at: dict[str, Any]) -> Any:
    of.ask("POST", "/v1/policies", _new_policy(of, at))
    ended = _some(each for each in of.read("/v1/policies")["policies"] if each["audience"] != "organisation")
    at["policy"] = ended["id"]
    return {"based_on": ended["version"]}


def _copy(of: Organisation, _at: dict[str, Any]) -> Any:
    onto = _some(each for each in of.read("/v1/policies")["policies"] if each["audience"] == "organisation")
    return {
        "from": {"organisation": of.read("/v1/organisation")["id"], "policy": onto["id"]},
        "onto": {"policy": onto["id"], "based_on": onto["version"]},
    }


def _export(of: Organisation, at: dict[str, Any]) -> None:
    of.ask("POST", "/v1/exports")
    at["id"] = _some(of.read("/v1/exports")["exports"])["id"]


def _look(of: Organisation, at: dict[str, Any]) -> None:
    at.update(_some(of.read("/v1/plan?limit=20")["decisions"])["unit"])


def _send_now(of: Organisation, at: dict[str, Any]) -> Any:
    """To somebody who may be written to now."""
    _unbraked(of)
    silent = [each for each in of.read("/v1/plan?limit=500")["decisions"] if not each["send"]]
    for decision in sorted(silent, key=lambda each: len(each["reasons"]))[:MOST_LOOKS]:
        at.update(decision["unit"])
        shown = of.read(f"{_of_customer(at)}/send-now?currency={at['currency']}")
        if shown["is_allowed"]:
            return {"id": of.new_id(), "currency": at["currency"], "seen": shown["seen"]}
    raise Impossible


def _of_customer(at: dict[str, Any]) -> str:
    return f"/v1/customers/{at['connection']}/{at['contact']}"


def _answer(of: Organisation, at: dict[str, Any]) -> Any:
    _unbraked(of)
    talks = of.read("/v1/conversations?limit=20")["conversations"]
    heard = [talk for talk in talks if talk["is_open"] and not _has_opted_out(of, talk["customers"])]
    at.update({name: _some(heard)[name] for name in ("number", "sender")})
    return {"id": of.new_id(), "text": "On its way."}


def _has_opted_out(of: Organisation, customers: list[dict[str, Any]]) -> bool:
    return any(of.read(f"{_of_customer(at)}/consent")["is_opted_out"] for at in customers)


def _approval(of: Organisation, at: dict[str, Any]) -> Any:
    _unbraked(of)
    return {"generation": of.read(f"/v1/plans/{at['date']}?limit=1")["header"]["generation"]}


def _library_text(of: Organisation, at: dict[str, Any]) -> Any:
    offer = of.read(f"/v1/library-texts/{at['waba_id']}/{at['purpose']}/{at['language']}")
    text = _some(text for text in offer.get("texts", []) if not text["objections"])
    values: list[str] = []
    for parameter in text["parameters"]:
        values.append(_some(choice for choice in parameter["choices"] if choice not in values))
    return {"name": text["name"], "locale": text["locale"], "words": text["words"], "values": values}


def _library_text_end(of: Organisation, at: dict[str, Any]) -> None:
    of.ask("PUT", f"/v1/library-texts/{at['waba_id']}/{at['purpose']}/{at['language']}", _library_text(of, at))


def _seen_task(of: Organisation, _at: dict[str, Any]) -> Any:
    task = _some(task for task in of.read("/v1/tasks")["tasks"] if task["kind"] == "account_notice")
    return {"kind": task["kind"], "subject": task["subject"]}


def _opt_in(of: Organisation, _at: dict[str, Any]) -> Any:
    customer = of.first(CUSTOMERS)
    row = {"number": customer["number"], "source": "order form", "given_on": "2026-03-01"}
    return {"opt_ins": [{**row, "connection": customer["connection"], "contact": customer["contact"]}]}


def _erasure(of: Organisation, _at: dict[str, Any]) -> Any:
    return {"confirm": of.read("/v1/organisation")["id"]}


def _withdrawal(of: Organisation, at: dict[str, Any]) -> None:
    of.ask("POST", "/v1/organisation/erasure", _erasure(of, at))


# What a program sends; where nothing is named, a call without a body or one that schemathesis makes is right.
RIGHT: dict[str, Callable[[Organisation, dict[str, Any]], Any]] = {
    "POST /v1/backlog": lambda _of, _at: {"start": "gently", "all": True},
    "PUT /v1/connections/{id}/sender": lambda _of, _at: {"phone_number_id": None},
    "POST /v1/consent/attestation": lambda of, _at: {"version": of.read("/v1/consent/attestation")["version"]},
    "POST /v1/consent/opt-ins": _opt_in,
    "POST /v1/conversations/{number}/{sender}/answers": _answer,
    "PUT /v1/cost/rates": lambda _of, _at: {"currency": "USD", "rate_elsewhere": 70_000},
    "PUT /v1/cost/cap": lambda _of, _at: {"per_month": {"currency": "USD", "minor": 5_000}, "rate_elsewhere": 70_000},
    "POST /v1/customers/{connection}/{contact}/consent": lambda _of, _at: {"state": "opted_in", "reason": "asked for it"},
    "POST /v1/customers/{connection}/{contact}/erasure": lambda _of, at: {"confirm": at["contact"]},
    "POST /v1/customers/{connection}/{contact}/file": lambda _of, _at: {"edit": "include"},
    "PUT /v1/customers/{connection}/{contact}/number": lambda _of, _at: {"number": "+971501230199"},
    "GET /v1/customers/{connection}/{contact}/send-now": _look,
    "POST /v1/customers/{connection}/{contact}/send-now": _send_now,
    "GET /v1/exports/{id}": _export,
    "PUT /v1/library-texts/{waba_id}/{purpose}/{language}": _library_text,
    "DELETE /v1/library-texts/{waba_id}/{purpose}/{language}": _library_text_end,
    "PUT /v1/mails": lambda _of, _at: {"recipients": "admins", "names": False},
    "POST /v1/organisation/erasure": _erasure,
    "DELETE /v1/organisation/erasure": _withdrawal,
    "PUT /v1/organisation/pace": lambda _of, _at: {"per_ten_minutes": 100},
    "PUT /v1/organisation/pause": lambda _of, _at: {"paused": False},
    "PUT /v1/organisation/ramp": lambda _of, _at: {"per_day": 1_000},
    "POST /v1/plans/{date}/approve": _approval,
    "POST /v1/policies": _new_policy,
    "POST /v1/policies/copies": _copy,
    "PUT /v1/policies/{policy}": _policy_edit,
    "DELETE /v1/policies/{policy}": _policy_end,
    "POST /v1/senders/signup": lambda _of, _at: {"event": "CANCEL"},
    "POST /v1/tasks/seen": _seen_task,
}
