"""What is found in the tree and what is not; secrets are put together here, so that the tree has none."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import check_leaks  # noqa: E402
import leaks  # noqa: E402

# Nobody's: the parts are joined when the tests run.
SECRETS = {
    "a private key": "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B",
    "an access key of AWS": "AKIA" + "2E0A8F3B244C9986",
    "a token of GitHub": "ghp_" + "a1B2" * 9,
    "a token of Slack": "xoxb-" + "2150893041-a8Zk1Qw9Rt",
    "a key of Google": "AIza" + "Sy" + "k3" * 16 + "Q",
    "a token of Meta": "EAA" + "Gm0PX4ZCpsBA" * 4,
    "a live key of Clerk": "sk_" + "live_" + "q8ZkTw31",
    "a test key of Clerk": "sk_" + "test_" + "q8ZkTw31" * 4,
    "a signed token": "eyJhbGciOiJSUzI1NiJ9" + "." + "eyJzdWIiOiJ1c2VyXzEifQ" + "." + "c2lnbmF0dXJl" * 3,
    "a signing secret of a webhook": "whsec_" + "q8ZkTw31" * 4,
    "a password in an address": "https://" + "olivia:correct-horse" + "@db.example/x",
}


class Leaks(unittest.TestCase):
    def test_every_kind_of_secret_is_found_wherever_it_stands(self) -> None:
        self.assertEqual(set(SECRETS), set(leaks.SECRETS))
        for kind, secret in SECRETS.items():
            for path in ("docs/a.md", "tests/e2e/tests/it/a.rs"):
                with self.subTest(kind, path=path):
                    found = list(leaks.findings(path, f"one\ntwo = '{secret}'\n"))
                    self.assertEqual(found, [f"{path}:2 looks like {kind}."])

    def test_a_finding_does_not_repeat_the_secret(self) -> None:
        for secret in SECRETS.values():
            self.assertNotIn(secret, "".join(leaks.findings("a", secret)))

    def test_what_only_looks_like_a_secret_is_passed_over(self) -> None:
        examples = "".join(f"{example}\n" for example in leaks.EXAMPLES)
        for text in (examples, "pk_test_1 sk_test_1 whsec_… Bearer eyJ", "https://user@host/a:b", "-----BEGIN CERTIFICATE-----"):
            with self.subTest(text):
                self.assertEqual(list(leaks.findings("a.md", text)), [])

    def test_a_number_is_found_outside_fixtures_unless_its_digits_are_made_up(self) -> None:
        number = "+97" + "1504821937"
        self.assertEqual(list(leaks.findings("docs/a.md", number)), ["docs/a.md:1 looks like somebody's telephone number."])
        for path, text in (
            ("docs/a.md", "+971501234567 and +14165550100"),
            ("functions/web/tests/it/a.rs", number),
            ("shared/domain/src/plan/tests.rs", number),
            ("shared/domain/src/phone.rs", f"fn a() {{}}\n#[cfg(test)]\nmod tests {{ {number} }}"),
            ("docs/a.md", f"sha512-abc{number}/x=="),
        ):
            with self.subTest(text, path=path):
                self.assertEqual(list(leaks.findings(path, text)), [])

    def test_a_number_before_the_tests_of_a_file_is_found(self) -> None:
        text = "const A: &str = \"+97" + "1504821937\";\n#[cfg(test)]\nmod tests {}"
        self.assertEqual(list(leaks.findings("a.rs", text)), ["a.rs:1 looks like somebody's telephone number."])

    def test_the_tree_has_none(self) -> None:
        self.assertEqual(check_leaks.main([]), 0)

    def test_a_run_that_reads_nothing_fails(self) -> None:
        self.assertEqual(check_leaks.main(["no/such/file"]), 1)


if __name__ == "__main__":
    unittest.main()
