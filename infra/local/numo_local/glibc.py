"""Which glibc a program needs: provided.al2023 has 2.34, and refuses to start what was linked against a newer one."""

from __future__ import annotations

import re

from numo_local.settings import StackError

# Of Amazon Linux 2023, on which functions run.
NEWEST = (2, 34)

# A version that the dynamic linker looks for, as its table of strings has it.
VERSION = re.compile(rb"\0GLIBC_(\d+)\.(\d+)(?:\.\d+)?(?=\0)")


def needed(program: bytes) -> tuple[int, int]:
    """The newest version that a program asks for; (0, 0) of one that asks for none."""
    return max(((int(major), int(minor)) for major, minor in VERSION.findall(program)), default=(0, 0))


def check(name: str, program: bytes) -> None:
    """Refuses a program that would not start on Lambda."""
    if (version := needed(program)) > NEWEST:
        raise StackError(
            f"{name} needs glibc {version[0]}.{version[1]}, but Lambda has {NEWEST[0]}.{NEWEST[1]};"
            " build with zig (pip install cargo-lambda ziglang) or on Amazon Linux 2023."
        )
