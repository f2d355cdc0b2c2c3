"""The simulated providers: one numo-sim process, unless every address comes from outside."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numo_local import processes
from numo_local.emulator import last_line
from numo_local.settings import SIMULATED, Settings, StackError

START_SECONDS = 30.0

# Per ledger: the key list in the secret, and the simulator's name for one of them.
SIGNED_WITH = {
    "xero": ("xero_webhook_keys", "signing_key"),
    "intuit": ("intuit_webhook_tokens", "verifier_token"),
}


@dataclass(frozen=True)
class Simulator:
    """A running simulator."""

    process: processes.Process
    base_url: str


def is_needed(settings: Settings) -> bool:
    """Whether some provider's address was not given from outside; who is mailed is asked nowhere else than at Clerk."""
    return any(name not in settings.addresses for name in SIMULATED if name != "NUMO_CLERK_API_BASE")


def start(settings: Settings, binary: Path) -> Simulator:
    """Starts the simulator on a free port and waits until it says which."""
    if not binary.exists():
        raise StackError(f"The simulator {binary} does not exist; build it with cargo build -p numo-sim.")
    state = settings.directory / "sim.json"
    state.unlink(missing_ok=True)
    command = [str(binary), "--port", "0", "--state", str(state), *os.environ.get("NUMO_SIM_ARGS", "").split()]
    log = settings.logs / "sim.log"
    process = processes.start("sim", command, dict(os.environ), log)
    try:
        return Simulator(process, _wait(process, state, log))
    except BaseException:
        processes.stop(process)
        raise


def addresses(settings: Settings, simulator: Simulator | None) -> dict[str, str]:
    """Every provider address: from outside where given, else the simulator's."""
    base = simulator.base_url if simulator else ""
    simulated = {name: base + path for name, path in SIMULATED.items()} if simulator else {}
    if simulator:
        # Any id will do there: the sign-up at Meta is set up.
        simulated["NUMO_META_SIGNUP_CONFIG"] = "1000000000000077"
    return {**simulated, **settings.addresses}


def set_webhooks(simulator: Simulator, api_url: str, secret: dict[str, Any]) -> None:
    """Tells the simulated providers where their webhooks go and how they are signed."""
    keys = {"meta": ("app_secret", [secret["meta_app_secret"]])}
    for provider, (name, field) in SIGNED_WITH.items():
        keys[provider] = (field, secret.get(name) or [])
    for provider, (field, present) in keys.items():
        # A webhook without a key is one that is not set up.
        if present:
            _set_webhook(simulator, provider, {"url": f"{api_url}/webhooks/{provider}", field: present[0]})


def _set_webhook(simulator: Simulator, provider: str, webhook: dict[str, str]) -> None:
    request = urllib.request.Request(
        f"{simulator.base_url}/_control/{provider}/webhook",
        json.dumps(webhook).encode(),
        {"content-type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=10).close()
    except urllib.error.URLError as error:
        raise StackError(f"The simulator refused the webhook address of {provider}: {error}.") from error


def _wait(process: processes.Process, state: Path, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not processes.is_running(process):
            raise StackError(f"The simulator ended at start: {last_line(log)}")
        try:
            return str(json.loads(state.read_text())["base_url"]).rstrip("/")
        except (FileNotFoundError, ValueError, KeyError):
            time.sleep(0.05)
    raise StackError(f"The simulator did not come up within {START_SECONDS:.0f} s; see {log}.")
