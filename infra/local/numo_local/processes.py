"""Background processes: started in a group of their own, stopped only if they are still the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

STOP_SECONDS = 8.0

# Children of this program, kept so that they can be reaped.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Process:
    """A started process and what tells it from a later one with the same id."""

    name: str
    pid: int
    identity: str


def start(name: str, command: list[str], env: dict[str, str], log: Path) -> Process:
    """Starts a command detached, its output appended to a log file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[child.pid] = child
    # The identity is read after exec, so that it carries the command that really runs.
    deadline = time.monotonic() + 2
    while (identity := _identity(child.pid)) is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return Process(name, child.pid, identity or "")


def is_running(process: Process) -> bool:
    """Whether the very process that was started is still there."""
    _reap(process.pid)
    return process.identity != "" and _identity(process.pid) == process.identity


def stop(process: Process) -> bool:
    """Ends the process and its children; false if it was gone already."""
    if not is_running(process):
        return False
    _signal_group(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(process) and time.monotonic() < deadline:
        time.sleep(0.05)
    # Children that outlive their leader keep its process group.
    _signal_group(process.pid, signal.SIGKILL)
    return True


def save(path: Path, processes: list[Process]) -> None:
    """Remembers the processes for a later stop."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(process) for process in processes], indent=2))


def load(path: Path) -> list[Process]:
    """The remembered processes, none if there is no such file."""
    if not path.exists():
        return []
    return [Process(**fields) for fields in json.loads(path.read_text())]


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def _identity(pid: int) -> str | None:
    """Start time and command line, None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except FileNotFoundError:
        return _identity_from_ps(pid) if not Path("/proc/self").exists() else None
    except ProcessLookupError:
        return None
    # The command name in the second field may hold spaces; fields are counted after its bracket.
    fields = stat.rpartition(")")[2].split()
    # Within exec there is a moment without a command line; an identity read then would never be met again.
    return None if fields[0] == "Z" or not command.strip() else f"{fields[19]} {command.strip()}"


def _identity_from_ps(pid: int) -> str | None:
    result = subprocess.run(
        ["ps", "-o", "lstart=,command=", "-p", str(pid)], capture_output=True, text=True
    )
    return result.stdout.strip() or None


def _reap(pid: int) -> None:
    child = _children.get(pid)
    if child is not None:
        child.poll()
