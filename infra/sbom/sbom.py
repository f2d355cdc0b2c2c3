"""Writes a CycloneDX bill of what the functions are built from, out of cargo's metadata and the lock files."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "functions" / "web" / "assets" / "package-lock.json"

# What functions run on; crates for other platforms are not built.
PLATFORM = "x86_64-unknown-linux-gnu"

CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index"

# An entry of Cargo.lock; what is ours has no checksum.
LOCKED = re.compile(r'name = "(.+)"\nversion = "(.+)"\nsource = "registry\+.+"\nchecksum = "(.+)"')

Json = dict[str, Any]

# Of a crate's name and version.
Checksums = dict[tuple[str, str], str]


def bill(metadata: Json, checksums: Checksums, assets: Json) -> Json:
    """The bill of every function below `functions/`."""
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    functions = sorted(id for id in metadata["workspace_members"] if _folder(packages[id], metadata).startswith("functions/"))
    linked = _reached(functions, nodes, frozenset({None}))
    built = _reached(functions, nodes, frozenset({None, "build"}))
    scripts = [_script(name, script) for name, script in sorted(assets["packages"].items()) if name]
    web = next(id for id in functions if packages[id]["name"] == "web")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "numo", "name": "numo"}},
        "components": [
            _crate(packages[id], checksums, id in linked) for id in sorted(built, key=lambda id: _ref(packages[id]))
        ]
        + scripts,
        "dependencies": [{"ref": "numo", "dependsOn": [_ref(packages[id]) for id in functions]}]
        + [
            {
                "ref": _ref(packages[id]),
                "dependsOn": sorted(_ref(packages[other]) for other in _needs(nodes[id], frozenset({None, "build"})))
                + ([script["bom-ref"] for script in scripts] if id == web else []),
            }
            for id in sorted(built, key=lambda id: _ref(packages[id]))
        ],
    }


def _folder(package: Json, metadata: Json) -> str:
    return Path(package["manifest_path"]).relative_to(metadata["workspace_root"]).as_posix()


def _needs(node: Json, kinds: frozenset[str | None]) -> set[str]:
    """What a crate depends upon in one of these ways; `None` is the plain one, beside "build" and "dev"."""
    return {each["pkg"] for each in node["deps"] if any(way["kind"] in kinds for way in each["dep_kinds"])}


def _reached(first: list[str], nodes: dict[str, Json], kinds: frozenset[str | None]) -> set[str]:
    found, waiting = set(first), list(first)
    while waiting:
        new = _needs(nodes[waiting.pop()], kinds) - found
        found |= new
        waiting += new
    return found


def _ref(package: Json) -> str:
    return f"pkg:cargo/{package['name']}@{package['version']}"


def _crate(package: Json, checksums: Checksums, is_linked: bool) -> Json:
    component: Json = {
        "type": "library" if package["source"] else "application",
        "bom-ref": _ref(package),
        "name": package["name"],
        "version": package["version"],
        "scope": "required" if is_linked else "excluded",
        "licenses": [{"expression": package["license"].replace("/", " OR ")}] if package["license"] else [],
    }
    if package["source"] == CRATES_IO:
        component["purl"] = _ref(package)
        component["hashes"] = [{"alg": "SHA-256", "content": checksums[package["name"], package["version"]]}]
    return component


def _script(place: str, script: Json) -> Json:
    name = place.rpartition("node_modules/")[2]
    ref = f"pkg:npm/{name}@{script['version']}"
    algorithm, _, checksum = script["integrity"].partition("-")
    return {
        "type": "library",
        "bom-ref": ref,
        "name": name,
        "version": script["version"],
        "scope": "required",
        # What packages of npm call their licence need not be a name of SPDX.
        "licenses": [{"license": {"name": script["license"]}}],
        "purl": ref,
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(checksum).hex()}],
    }


def checksums_of(lock: str) -> Checksums:
    """The checksums in a lock file of cargo."""
    return {(name, version): checksum for name, version, checksum in LOCKED.findall(lock)}


def read() -> tuple[Json, Checksums, Json]:
    """What cargo and the lock files say."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", PLATFORM]
    metadata = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return json.loads(metadata), checksums_of((ROOT / "Cargo.lock").read_text()), json.loads(ASSETS.read_text())


def main(target: Path) -> int:
    """Writes the bill into a file."""
    made = bill(*read())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made, indent=2) + "\n")
    print(f"{target}: {len(made['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
