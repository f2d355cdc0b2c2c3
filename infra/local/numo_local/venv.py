"""The virtual environment below target/venv, made once per requirements file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from numo_local.locks import locked
from numo_local.settings import REQUIREMENTS, TARGET, VENV, StackError

PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"


def run_inside() -> None:
    """Returns inside the virtual environment, starting this program anew if needed."""
    ensure()
    if sys.prefix != str(VENV):
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def ensure() -> None:
    """Creates the environment, or renews it when the requirements changed."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if _stamp() == wanted:
        return
    if sys.version_info < (3, 10):
        raise StackError(f"Python 3.10 or newer is needed, this is {sys.version.split()[0]}.")
    TARGET.mkdir(parents=True, exist_ok=True)
    with locked(TARGET / "venv.lock"):
        if _stamp() == wanted:
            return
        print("installing the local stack's Python packages into target/venv", flush=True)
        _create()
        _install()
        STAMP.write_text(wanted)


def _stamp() -> str:
    return STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""


def _create() -> None:
    try:
        import ensurepip  # noqa: F401 - Debian ships venv without it
        import venv
    except ImportError as error:
        raise StackError(
            "Python's venv module is missing; install it (Debian and Ubuntu: apt-get install python3-venv)."
        ) from error
    STAMP.unlink(missing_ok=True)
    venv.EnvBuilder(with_pip=True, clear=True).create(VENV)


def _install() -> None:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run([*command, "-r", str(REQUIREMENTS)], capture_output=True, text=True)
    if result.returncode != 0:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise StackError(f"Installing infra/local/requirements.txt failed: {reason}")
