"""Options of LLD that Zig does not hand on: it links with LLD and refuses what it does not know.

Zig says how it calls LLD and links once without them; LLD, which is a part of Zig, is then called once more with them.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

# Where the Zig is that does the work, for the process that stands in its place.
REAL = "NUMO_ZIG"
WRAPPER = Path(__file__).parents[1] / "zig"

# What Zig refuses of infra/release.toml.
UNKNOWN = ("-Wl,--bp-compression-sort=", "-Wl,--icf=")
CALL = "ld.lld "


def environment() -> dict[str, str]:
    """What cargo-lambda is told so that it links through this; nothing where no Zig is found, as it says so itself.

    Names: cargo-zigbuild, src/zig.rs, which looks for Python's package first.
    """
    if (zig := _installed()) is None:
        return {}
    return {REAL: zig, "CARGO_ZIGBUILD_ZIG_PATH": str(WRAPPER), "CARGO_ZIGBUILD_PYTHON_PATH": "no-python-for-zig"}


def split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """What Zig takes, and what is for LLD alone, as LLD writes it."""
    own = [argument.removeprefix("-Wl,") for argument in arguments if argument.startswith(UNKNOWN)]
    return [argument for argument in arguments if not argument.startswith(UNKNOWN)], own


def call_of_lld(told: str) -> list[str] | None:
    """How Zig called LLD, by what it told with `-v`."""
    lines = [line for line in told.splitlines() if line.startswith(CALL)]
    return shlex.split(lines[-1]) if lines else None


def main(arguments: list[str]) -> int:
    zig = os.environ[REAL]
    kept, own = split(arguments)
    if not own:
        os.execv(zig, [zig, *arguments])
    done = subprocess.run([zig, *kept, "-v"], stderr=subprocess.PIPE, text=True)
    call = call_of_lld(done.stderr)
    if done.returncode != 0 or call is None:
        print(done.stderr, file=sys.stderr)
        return done.returncode or 1
    return subprocess.run([zig, *call, *own]).returncode


def _installed() -> str | None:
    """Python's package first, as cargo-lambda looks for it."""
    where = "import pathlib, ziglang; print(pathlib.Path(ziglang.__file__).parent / 'zig')"
    try:
        found = subprocess.run(["python3", "-c", where], capture_output=True, text=True)
    except FileNotFoundError:
        return shutil.which("zig")
    return found.stdout.strip() if found.returncode == 0 else shutil.which("zig")
