"""The archive of a function, in the two ways it is packed: small for AWS, quickly for this machine."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import deflate

from numo_local.unwind_tables import without_unwind_tables

# What Lambda starts.
NAME = "bootstrap"
# A fixed time in the archive keeps equal programs equal archives.
TIME = (2020, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100755 << 16
# Libdeflate's highest level looks for the shortest encoding; it takes two seconds for the largest program.
SMALLEST = 12
# Versions of the format: what opens it needs 2.0 for deflate, and Unix (3) wrote it.
NEEDS, MADE_BY = 20, 3 << 8 | 20


def small(program: bytes) -> bytes:
    """As it goes to AWS: without unwind tables, compressed by libdeflate."""
    program = without_unwind_tables(program)
    packed = deflate.deflate_compress(program, SMALLEST)
    name = NAME.encode()
    # The fields of a file that its header and the directory share, by PKWARE's APPNOTE 4.3.7 and 4.3.12.
    shared = struct.pack(
        "<5H3L2H", NEEDS, 0, zipfile.ZIP_DEFLATED, *_dos_time(), zlib.crc32(program), len(packed), len(program), len(name), 0
    )
    header = b"PK\3\4" + shared + name
    directory = b"PK\1\2" + struct.pack("<H", MADE_BY) + shared + struct.pack("<3H2L", 0, 0, 0, EXECUTABLE, 0) + name
    end = b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 1, 1, len(directory), len(header) + len(packed), 0)
    return header + packed + directory + end


def quick(program: bytes) -> bytes:
    """As the local stack runs it: as cargo built it, lightly compressed."""
    entry = zipfile.ZipInfo(NAME, TIME)
    entry.external_attr = EXECUTABLE
    entry.compress_type = zipfile.ZIP_DEFLATED
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr(entry, program, compresslevel=1)
    return written.getvalue()


def _dos_time() -> tuple[int, int]:
    """The fixed time as the format has it: of two seconds, and of days since 1980."""
    year, month, day, hour, minute, second = TIME
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
