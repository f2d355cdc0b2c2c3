"""Programs without the tables by which a panic would unwind: release builds abort instead (docs/decisions/0043)."""

from __future__ import annotations

import struct

# Tables of 64-bit ELF, by the System V ABI: what .eh_frame_hdr and .gcc_except_table are for ends with .eh_frame.
TABLES = {b".eh_frame", b".eh_frame_hdr", b".gcc_except_table"}
ELF64_LITTLE_ENDIAN = b"\x7fELF\x02\x01"


def without_unwind_tables(program: bytes) -> bytes:
    """The same program with zeros in their place: every address stays, and zeros compress to nothing."""
    if not program.startswith(ELF64_LITTLE_ENDIAN):
        raise ValueError("not a 64-bit little-endian ELF program")
    sections_at = struct.unpack_from("<Q", program, 0x28)[0]
    size, count, names_index = struct.unpack_from("<HHH", program, 0x3A)
    # Of each section: where its name begins, where it is in the file, and how long it is.
    sections = [struct.unpack_from("<I20xQQ", program, sections_at + n * size) for n in range(count)]
    names_at = sections[names_index][1] if count else 0
    cleared = bytearray(program)
    for name_at, offset, length in sections:
        begins = names_at + name_at
        if program[begins : program.index(b"\0", begins)] in TABLES:
            cleared[offset : offset + length] = bytes(length)
    return bytes(cleared)
