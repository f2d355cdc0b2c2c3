"""Function packages: build with cargo, zip each binary as `bootstrap` when it changed."""

from __future__ import annotations

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

from numo_local.locks import locked
from numo_local.settings import FUNCTIONS, ROOT, TARGET, Settings, StackError

# A fixed time in the archive keeps equal binaries equal packages.
ZIP_TIME = (2020, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100755 << 16


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


def zip_functions(binaries: Path, folder: Path, level: int = 1) -> str:
    """Writes one zip per function; returns a name for exactly this set of packages.

    The level is deflate's: 1 is fast, 9 is what goes to AWS.
    """
    with locked(folder / "lock"):
        digests = [_zip_function(binaries / name, folder / f"{name}.zip", level) for name in FUNCTIONS]
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:16]


def _zip_function(binary: Path, package: Path, level: int) -> str:
    if not binary.exists():
        raise StackError(f"The function binary {binary} does not exist; build it first.")
    content = binary.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    stamp = package.with_suffix(".sha256")
    if package.exists() and stamp.exists() and stamp.read_text() == digest:
        return digest
    entry = zipfile.ZipInfo("bootstrap", ZIP_TIME)
    entry.external_attr = EXECUTABLE
    entry.compress_type = zipfile.ZIP_DEFLATED
    partial = package.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(partial, "w") as archive:
        archive.writestr(entry, content, compresslevel=level)
    partial.replace(package)
    stamp.write_text(digest)
    return digest
