"""The bill of a small workspace, and that of this one."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sbom  # noqa: E402

CRATE = "registry+https://github.com/rust-lang/crates.io-index"


def package(name: str, folder: str | None, license: str = "MIT/Apache-2.0") -> dict[str, Any]:
    path = f"/w/{folder}/Cargo.toml" if folder else f"/registry/{name}/Cargo.toml"
    return {
        "id": name,
        "name": name,
        "version": "1.2.3",
        "license": license,
        "source": None if folder else CRATE,
        "manifest_path": path,
    }


def node(name: str, **needs: str | None) -> dict[str, Any]:
    return {"id": name, "deps": [{"pkg": other, "dep_kinds": [{"kind": kind}]} for other, kind in needs.items()]}


METADATA = {
    "workspace_root": "/w",
    "workspace_members": ["web", "tool"],
    "packages": [
        package("web", "functions/web"),
        package("tool", "tests/tool"),
        package("linked", None),
        package("builder", None, "ISC"),
        package("tester", None),
    ],
    "resolve": {
        "nodes": [
            node("web", linked=None, builder="build", tester="dev"),
            node("tool", tester=None),
            node("linked"),
            node("builder"),
            node("tester"),
        ]
    },
}

CHECKSUMS = {(name, "1.2.3"): name * 2 for name in ("linked", "builder", "tester")}

ASSETS = {
    "packages": {
        "": {"name": "assets"},
        "node_modules/script.js": {"version": "4.5.6", "license": "0BSD", "integrity": "sha512-AAEC"},
    }
}


class Sbom(unittest.TestCase):
    def test_a_bill_has_what_functions_are_built_from_and_nothing_of_tests(self) -> None:
        made = sbom.bill(METADATA, CHECKSUMS, ASSETS)
        shown = [(each["bom-ref"], each["scope"], each.get("hashes"), each["licenses"]) for each in made["components"]]
        self.assertEqual(
            shown,
            [
                (
                    "pkg:cargo/builder@1.2.3",
                    "excluded",
                    [{"alg": "SHA-256", "content": "builderbuilder"}],
                    [{"expression": "ISC"}],
                ),
                (
                    "pkg:cargo/linked@1.2.3",
                    "required",
                    [{"alg": "SHA-256", "content": "linkedlinked"}],
                    [{"expression": "MIT OR Apache-2.0"}],
                ),
                ("pkg:cargo/web@1.2.3", "required", None, [{"expression": "MIT OR Apache-2.0"}]),
                ("pkg:npm/script.js@4.5.6", "required", [{"alg": "SHA-512", "content": "000102"}], [{"license": {"name": "0BSD"}}]),
            ],
        )
        self.assertEqual(
            made["dependencies"],
            [
                {"ref": "numo", "dependsOn": ["pkg:cargo/web@1.2.3"]},
                {"ref": "pkg:cargo/builder@1.2.3", "dependsOn": []},
                {"ref": "pkg:cargo/linked@1.2.3", "dependsOn": []},
                {
                    "ref": "pkg:cargo/web@1.2.3",
                    "dependsOn": ["pkg:cargo/builder@1.2.3", "pkg:cargo/linked@1.2.3", "pkg:npm/script.js@4.5.6"],
                },
            ],
        )

    def test_every_crate_of_this_workspace_has_a_checksum_and_a_licence(self) -> None:
        made = sbom.bill(*sbom.read())
        bare = [
            each["bom-ref"]
            for each in made["components"]
            if each["type"] == "library" and not (each["licenses"] and each["hashes"][0]["content"])
        ]
        self.assertEqual(bare, [])
        functions = {folder.name for folder in (sbom.ROOT / "functions").iterdir() if folder.is_dir()}
        needed = {ref.removeprefix("pkg:cargo/").partition("@")[0] for ref in made["dependencies"][0]["dependsOn"]}
        self.assertEqual(needed, functions)


if __name__ == "__main__":
    unittest.main()
