"""Every address that a document has somebody enter elsewhere is one that the product answers."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import template  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = ("docs/app-review.md", "docs/operations.md")
PUBLIC = re.compile(r"<public address>(/[a-z/-]+)")

# Steps of a consent (functions/oauth-callback): whatever is below a provider is one function's.
PROVIDERS = ("xero", "quickbooks")


def routes() -> set[str]:
    """What the API routes to a function of its own, and what the function of the rest answers."""
    keys = {route["RouteKey"] for route in template.load(ROOT / "template.yaml").of_type("AWS::ApiGatewayV2::Route").values()}
    paths = {key.partition(" ")[2] for key in keys if "/" in key}
    own = {path.replace("{provider}", provider) for path in paths for provider in PROVIDERS}
    sources = (path.read_text() for path in (ROOT / "functions" / "web" / "src").rglob("*.rs"))
    return own | {path for source in sources for path in re.findall(r"\.route\(\s*\"([^\"]+)\"", source)}


class Addresses(unittest.TestCase):
    def test_every_address_in_the_documents_is_a_route(self) -> None:
        answered = routes()
        for document in DOCUMENTS:
            told = set(PUBLIC.findall((ROOT / document).read_text()))
            with self.subTest(document):
                self.assertGreater(len(told), 5)
                self.assertEqual(told - answered, set())

    def test_each_of_what_providers_ask_for_is_told(self) -> None:
        told = set(PUBLIC.findall((ROOT / "docs" / "app-review.md").read_text()))
        steps = {f"/oauth/{provider}/{step}" for provider in PROVIDERS for step in ("callback", "launch")}
        steps |= {"/oauth/quickbooks/disconnect", "/oauth/quickbooks/reconnect"}
        pages = {"/privacy", "/terms", "/data-deletion", "/meta/data-deletion", "/meta/deauthorise"}
        hooks = {"/webhooks/meta", "/webhooks/xero", "/webhooks/intuit"}
        self.assertEqual((steps | pages | hooks) - told, set())


class Permissions(unittest.TestCase):
    def test_every_scope_that_is_asked_for_has_its_script(self) -> None:
        asked: set[str] = set()
        for path, name in (("xero", "SCOPES"), ("quickbooks", "SCOPE")):
            source = (ROOT / "shared" / "providers" / "src" / path / "auth.rs").read_text()
            constant = re.search(rf'const {name}: &str =\s*"([^"]+)"', source)
            self.assertIsNotNone(constant)
            asked |= set((constant[1] if constant else "").replace("\\", " ").split())
        document = (ROOT / "docs" / "app-review.md").read_text()
        self.assertIn("offline_access", asked)
        self.assertEqual({scope for scope in asked if f"`{scope}`" not in document}, set())


if __name__ == "__main__":
    unittest.main()
