"""What the functions of a stack did, against what their roles allow."""

from __future__ import annotations

import subprocess
import sys

from numo_local.settings import ROOT, Settings, StackError

CHECK = ROOT / "infra" / "checks" / "check_uses.py"


def check(settings: Settings) -> None:
    """Fails where a role allows what nothing did and no reason excuses."""
    command = [sys.executable, str(CHECK), str(settings.used_permissions)]
    compared = subprocess.run(command, capture_output=True, text=True)
    if compared.returncode:
        raise StackError(f"Roles and what functions did differ:\n{compared.stderr.strip()}")
