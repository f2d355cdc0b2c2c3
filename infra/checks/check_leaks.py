"""Looks through the tree, or the files that are named, for secrets and telephone numbers; non-zero on any finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import leaks

ROOT = Path(__file__).resolve().parents[2]


def main(named: list[str]) -> int:
    """Prints one sentence per finding."""
    paths = named or _tracked()
    n_read, found = 0, []
    for path in paths:
        try:
            text = (ROOT / path).read_text()
        except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
            # A picture, or what is deleted and not committed yet.
            continue
        n_read += 1
        found += leaks.findings(path, text)
    for sentence in found:
        print(sentence, file=sys.stderr)
    if n_read == 0:
        print("error: no file was read.", file=sys.stderr)
        return 1
    if not found:
        print(f"{n_read} files: no secret and no telephone number of anybody")
    return 1 if found else 0


def _tracked() -> list[str]:
    """Everything that is committed, or would be with the next commit."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [path for path in listed.stdout.split("\0") if path]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
