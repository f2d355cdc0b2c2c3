"""The local AWS: MiniStack on one loopback port."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from numo_local import processes
from numo_local.settings import VENV, Settings, StackError

START_SECONDS = 30.0

RUN_MINISTACK = Path(__file__).resolve().parents[1] / "run_ministack.py"

# What functions need from outside to reach real providers; everything else stays out of their environment.
PASSED_ON = ("PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "HTTP_PROXY", "RUST_BACKTRACE")


@dataclass(frozen=True)
class Emulator:
    """A running emulator and the administrator's credential in it."""

    process: processes.Process
    endpoint: str
    port: int
    region: str
    access_key: str
    secret_key: str

    def client(self, service: str) -> Any:
        """A boto3 client with the administrator's credential."""
        return client(self.endpoint, self.region, self.access_key, self.secret_key, service)


def client(endpoint: str, region: str, access_key: str, secret_key: str, service: str) -> Any:
    """A boto3 client for the emulator; never one for AWS."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        aws_session_token=None,
        config=Config(
            retries={"max_attempts": 1},
            connect_timeout=5,
            read_timeout=60,
            proxies={},
            s3={"addressing_style": "path"},
        ),
    )


def start(settings: Settings) -> Emulator:
    """Starts the emulator with IAM enforced and waits until it answers."""
    port = settings.gateway_port or free_port()
    if not _is_free(port):
        raise StackError(f"Port {port} is in use; choose another NUMO_GATEWAY_PORT or unset it.")
    # MiniStack takes the key of its own environment as the account's root; functions get their role's session.
    return _start(settings, port, "NUMO" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30))


def start_again(settings: Settings, port: int, access_key: str, secret_key: str) -> Emulator:
    """Starts an emulator that was stopped, at the same address and with what it had kept."""
    return _start(settings, port, access_key, secret_key)


def _start(settings: Settings, port: int, access_key: str, secret_key: str) -> Emulator:
    endpoint = f"http://127.0.0.1:{port}"
    process = processes.start(
        "ministack",
        [str(VENV / "bin" / "python"), str(RUN_MINISTACK)],
        _environment(settings, port, endpoint, access_key, secret_key),
        settings.logs / "ministack.log",
    )
    emulator = Emulator(process, endpoint, port, settings.region, access_key, secret_key)
    try:
        _wait(emulator, settings)
    except BaseException:
        processes.stop(process)
        raise
    return emulator


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _environment(
    settings: Settings, port: int, endpoint: str, access_key: str, secret_key: str
) -> dict[str, str]:
    scratch = settings.directory / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    return {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "NO_PROXY": "127.0.0.1,localhost",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "STATE_DIR": str(scratch / "state"),
        "S3_DATA_DIR": str(scratch / "s3"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "MINISTACK_REGION": settings.region,
        "NUMO_USED_PERMISSIONS": str(settings.used_permissions),
        "NUMO_FAULTS": str(settings.faults),
        "PERSIST_STATE": "1" if settings.persists else "0",
        "S3_PERSIST": "1" if settings.persists else "0",
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # No container engine is needed, so none is looked for.
        "DOCKER_HOST": f"unix://{scratch}/no-container-engine",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _wait(emulator: Emulator, settings: Settings) -> None:
    health = f"{emulator.endpoint}/_ministack/health"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if not processes.is_running(emulator.process):
            raise StackError(f"MiniStack ended at start: {last_line(settings.logs / 'ministack.log')}")
        try:
            with urllib.request.urlopen(health, timeout=2) as response:
                if json.load(response)["auth"] != "enabled":
                    raise StackError("MiniStack runs without IAM enforcement; remove AUTH from its environment.")
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise StackError(f"MiniStack did not answer within {START_SECONDS:.0f} s; see {settings.logs}/ministack.log.")


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "it wrote nothing"
