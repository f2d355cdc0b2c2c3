"""Compares what functions may do with what the journey had them do; non-zero on any finding."""

from __future__ import annotations

import sys
from pathlib import Path

import template
import uses

ROOT = Path(__file__).resolve().parents[2]


def main(log: Path) -> int:
    """Prints one sentence per finding; `log` is what the local stack wrote down."""
    found = list(uses.findings(template.load(ROOT / "template.yaml"), log.read_text()))
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
