from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numo_local.unwind_tables import without_unwind_tables

SHELL = Path(shutil.which("sh") or "/bin/sh").resolve()


class WithoutUnwindTables(unittest.TestCase):
    def test_a_program_is_as_long_smaller_when_packed_and_still_runs(self) -> None:
        program = SHELL.read_bytes()
        cleared = without_unwind_tables(program)
        self.assertEqual(len(cleared), len(program))
        self.assertLess(len(zlib.compress(cleared, 9)), len(zlib.compress(program, 9)))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "program"
            path.write_bytes(cleared)
            os.chmod(path, 0o755)
            told = subprocess.run([path, "-c", "echo it runs"], capture_output=True, text=True, check=True)
        self.assertEqual(told.stdout, "it runs\n")

    def test_nothing_else_of_a_program_changes(self) -> None:
        program = SHELL.read_bytes()
        cleared = without_unwind_tables(program)
        changed = [place for place, (before, after) in enumerate(zip(program, cleared)) if before != after]
        self.assertTrue(all(cleared[place] == 0 for place in changed))
        self.assertEqual(without_unwind_tables(cleared), cleared)

    def test_what_is_no_such_program_is_refused(self) -> None:
        for content in (b"", b"#!/bin/sh\n", b"\x7fELF\x01\x01"):
            with self.assertRaises(ValueError):
                without_unwind_tables(content)
