from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numo_local import archive
from numo_local.unwind_tables import without_unwind_tables

SHELL = Path(shutil.which("sh") or "/bin/sh").resolve()


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


class Small(unittest.TestCase):
    def test_it_holds_the_program_without_unwind_tables(self) -> None:
        program = SHELL.read_bytes()
        with opened(archive.small(program)) as packed:
            self.assertIsNone(packed.testzip())
            self.assertEqual(packed.namelist(), ["bootstrap"])
            self.assertEqual(packed.read("bootstrap"), without_unwind_tables(program))

    def test_its_entry_is_as_zipfile_would_write_it(self) -> None:
        program = SHELL.read_bytes()
        fields = ("filename", "date_time", "compress_type", "external_attr", "flag_bits", "create_system", "file_size", "CRC")
        entries = []
        for content in (archive.small(program), archive.quick(without_unwind_tables(program))):
            with opened(content) as packed:
                entry = packed.getinfo("bootstrap")
                entries.append({name: getattr(entry, name) for name in fields})
        self.assertEqual(entries[0], entries[1])

    def test_it_is_smaller_than_zlib_makes_it_and_the_same_each_time(self) -> None:
        program = SHELL.read_bytes()
        packed = archive.small(program)
        self.assertLess(len(packed), len(zlib.compress(without_unwind_tables(program), 9)))
        self.assertEqual(archive.small(program), packed)

    def test_what_is_unpacked_runs(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "sh.zip").write_bytes(archive.small(SHELL.read_bytes()))
            shutil.unpack_archive(folder / "sh.zip", folder)
            os.chmod(folder / "bootstrap", 0o755)
            told = subprocess.run([folder / "bootstrap", "-c", "echo it runs"], capture_output=True, text=True, check=True)
        self.assertEqual(told.stdout, "it runs\n")

    def test_what_is_no_program_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "not a 64-bit little-endian ELF program"):
            archive.small(b"#!/bin/sh\n")


if __name__ == "__main__":
    unittest.main()
