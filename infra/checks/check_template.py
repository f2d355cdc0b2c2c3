"""Checks template.yaml and the templates of its nested stacks with cfn-lint and with the project's own rules; non-zero on any finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import rules
import template

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Prints one sentence per finding."""
    path = ROOT / "template.yaml"
    templates = [str(each) for each in (path, *template.nested(path))]
    lint = subprocess.run([str(Path(sys.executable).parent / "cfn-lint"), *templates], cwd=ROOT).returncode
    found = rules.findings(template.load(path))
    for sentence in found:
        print(sentence, file=sys.stderr)
    if lint == 0 and not found:
        print(f"template.yaml: cfn-lint and {len(rules.RULES)} rules found nothing")
    return 1 if lint or found else 0


if __name__ == "__main__":
    sys.exit(main())
