"""Paths, names and environment switches of the local stack."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "template.yaml"
INFRA = ROOT / "infra"
REQUIREMENTS = ROOT / "infra" / "local" / "requirements.txt"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
VENV = TARGET / "venv"

STAGE = "local"
STACK_NAME = f"numo-{STAGE}"
CODE_BUCKET = "numo-local-code"

FUNCTIONS = (
    "oauth-callback",
    "due-sweeper",
    "scheduled-sync",
    "reminder-planner",
    "reminder-dispatch",
    "meta-webhook",
    "partner-webhook",
    "meta-events",
    "erasure-worker",
    "api",
    "web",
)
QUEUES = ("sync", "plan", "dispatch", "erasure", "meta")

# Path below the simulator's base address, by the variable that can replace it.
SIMULATED = {
    "NUMO_XERO_LOGIN_BASE": "/xero-login",
    "NUMO_XERO_IDENTITY_BASE": "/xero-identity",
    "NUMO_XERO_API_BASE": "/xero-api",
    "NUMO_INTUIT_DISCOVERY_BASE": "/intuit-developer",
    "NUMO_INTUIT_AUTHORIZE_BASE": "/intuit-appcenter",
    "NUMO_INTUIT_TOKEN_BASE": "/intuit-oauth",
    "NUMO_INTUIT_REVOKE_BASE": "/intuit-developer-api",
    "NUMO_QUICKBOOKS_API_BASE": "/quickbooks-api",
    "NUMO_META_GRAPH_BASE": "/meta",
    "NUMO_META_SDK_URL": "/meta/sdk.js",
    "NUMO_CLERK_ISSUER": "/clerk",
    "NUMO_CLERK_API_BASE": "/clerk-api",
}

# Parameters of the template that no simulator stands in for.
PARAMETERS = (
    "NUMO_META_GRAPH_VERSION",
    "NUMO_META_SIGNUP_CONFIG",
    "NUMO_CLERK_AUTHORIZED_PARTIES",
    "NUMO_MAIL_FROM",
    "NUMO_LEGAL_NAME",
    "NUMO_FORMER_NAME",
    "NUMO_LEGAL_ADDRESS",
    "NUMO_CONTACT_MAIL",
)

# Where mails come from, unless NUMO_MAIL_FROM says otherwise; they end in the emulator's mailbox.
MAIL_FROM = "numo@local.example"

# Who runs a local stack, unless the variables of the same meaning say otherwise.
PUBLISHER = {
    "LegalName": "Numo Demo LLC",
    "LegalAddress": "1 Demo Street, Dubai",
    "ContactMail": "privacy@local.example",
}


class StackError(Exception):
    """A failure that one sentence explains to the person at the terminal."""


@dataclass(frozen=True)
class Settings:
    """Where one local stack lives and what it is told from outside."""

    directory: Path
    region: str
    gateway_port: int | None
    binaries: Path | None
    packages: Path
    addresses: dict[str, str]
    secrets_json: str | None
    persists: bool = False

    @property
    def state_file(self) -> Path:
        return self.directory / "stack.json"

    @property
    def process_file(self) -> Path:
        return self.directory / "processes.json"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def faults(self) -> Path:
        """What fails of the table and of KMS, while the file is there."""
        return self.directory / "tmp" / "faults.json"

    @property
    def used_permissions(self) -> Path:
        """What the emulator allowed functions to do, a line for each kind of call."""
        return self.logs / "permissions.jsonl"


def from_environment() -> Settings:
    """Reads every switch that README.md lists."""
    env = os.environ
    binaries = env.get("NUMO_BIN_DIR")
    directory = Path(env.get("NUMO_LOCAL_DIR") or TARGET / "local").resolve()
    return Settings(
        directory=directory,
        region=env.get("NUMO_REGION", "eu-west-1"),
        gateway_port=_port(env.get("NUMO_GATEWAY_PORT")),
        binaries=Path(binaries).resolve() if binaries else None,
        # Packages of other binaries stay out of the folder that every stack shares.
        packages=directory / "lambda" if binaries else TARGET / "lambda",
        addresses={
            name: env[name].rstrip("/")
            for name in (*SIMULATED, *PARAMETERS)
            if env.get(name)
        },
        secrets_json=env.get("NUMO_SECRETS_JSON") or None,
        persists=env.get("NUMO_LOCAL_PERSIST") == "1",
    )


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise StackError(f"NUMO_GATEWAY_PORT must be a port number, not {text!r}.")
    return int(text)
