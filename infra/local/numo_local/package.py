"""Function packages: build with cargo, zip each binary as `bootstrap` when it changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from numo_local import archive
from numo_local.locks import locked
from numo_local.settings import FUNCTIONS, ROOT, TARGET, Settings, StackError

# Makes the archive of a program.
Pack = Callable[[bytes], bytes]


def build(settings: Settings) -> Path:
    """Builds what the stack runs and returns the folder of the binaries."""
    if settings.binaries:
        return settings.binaries
    # The whole workspace, so that features are the same as in `make build` and nothing is built twice.
    try:
        status = subprocess.run(["cargo", "build", "--workspace", "--bins"], cwd=ROOT).returncode
    except FileNotFoundError as error:
        raise StackError("cargo is missing; install Rust from https://rustup.rs.") from error
    if status != 0:
        raise StackError("cargo build failed; its messages are above.")
    return TARGET / "debug"


def zip_functions(binaries: Path, folder: Path, pack: Pack = archive.quick) -> str:
    """Writes one zip per function; returns a name for exactly this set of packages."""
    with locked(folder / "lock"):
        digests = [_zip_function(binaries / name, folder / f"{name}.zip", pack) for name in FUNCTIONS]
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]


def _zip_function(binary: Path, package: Path, pack: Pack) -> str:
    if not binary.exists():
        raise StackError(f"The function binary {binary} does not exist; build it first.")
    content = binary.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    stamp = package.with_suffix(".sha256")
    if package.exists() and stamp.exists() and stamp.read_text() == digest:
        return digest
    partial = package.with_suffix(f".{os.getpid()}.part")
    partial.write_bytes(pack(content))
    partial.replace(package)
    stamp.write_text(digest)
    return digest
