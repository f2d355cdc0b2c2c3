"""The parts of the local stack that need no emulator."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from collections import Counter
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from numo_local import app_secret, commands, described, described_calls, emulator, package, processes, settings, stages  # noqa: E402

STACK = Path(__file__).resolve().parents[1] / "stack.py"


def plain() -> settings.Settings:
    """Settings with nothing given from outside."""
    return settings.Settings(Path("unused"), "eu-west-1", None, None, Path("unused"), {}, None)


class Ministack(unittest.TestCase):
    def test_what_is_remembered_of_an_expression_is_what_ministack_reads_in_it(self) -> None:
        import run_ministack
        from ministack.services import dynamodb

        expressions = ["#a = :a", "begins_with(#a, :a) AND #b < :b", "#a = = :a", "(((#a = :a)))"]
        read = [(dynamodb._tokenize(text), dynamodb._condition_syntax_error(text, "X")) for text in expressions]
        run_ministack.remember_expressions()
        for _ in range(2):
            again = [(dynamodb._tokenize(text), dynamodb._condition_syntax_error(text, "X")) for text in expressions]
            self.assertEqual(again, read)
        self.assertEqual(dynamodb._tokenize.cache_info().hits, len(expressions))


class Described(unittest.TestCase):
    def test_an_operation_that_was_left_out_or_never_did_what_it_is_for_is_found(self) -> None:
        excused = next(iter(described.EXCUSED))
        answers = {
            "GET /a": Counter({"200": 1, "404": 5}),
            "GET /b": Counter({"400": 3, "404": 2}),
            "GET /c": Counter({"200": 1, "429": 3}),
            excused: Counter({"409": 4}),
        }
        expected = ["GET /b never succeeded", "GET /c was mostly refused for the rate of calls", "GET /d was never called"]
        self.assertEqual(described.findings(["GET /a", "GET /b", "GET /c", "GET /d", excused], answers), expected)
        succeeded = {excused: Counter({"202": 1})}
        self.assertEqual(described.findings([excused], succeeded), [f"{excused} succeeded and needs no excuse"])

    def test_an_operation_that_depends_on_the_day_may_succeed_and_has_to_be_called(self) -> None:
        operation = next(iter(described.BY_THE_DAY))
        for status in ("202", "409"):
            self.assertEqual(described.findings([operation], {operation: Counter({status: 1})}), [])
        self.assertEqual(described.findings([operation], {}), [f"{operation} was never called"])

    def test_whoever_is_excused_or_called_last_is_described(self) -> None:
        named = {*described.EXCUSED, *described.BY_THE_DAY, *(operation for part in described.LAST for operation in part)}
        self.assertEqual(named - set(described.operations(described.DOCUMENT)), set())

    def test_what_is_right_for_an_operation_is_known_by_its_name(self) -> None:
        known = {*described_calls.RIGHT} - set(described.operations(described.DOCUMENT))
        self.assertEqual(known, set())

    def test_answers_are_counted_by_their_class(self) -> None:
        lines = described.table({"GET /a": Counter({"200": 2, "304": 1, "404": 3, "401": 4, "400": 1})}).splitlines()
        self.assertEqual(lines[0].split()[1:], ["2xx", "3xx", "404", "429", "other", "4xx", "5xx"])
        self.assertEqual(lines[1].split(), ["GET", "/a", "2", "1", "3", "0", "5", "0"])


class Processes(unittest.TestCase):
    def setUp(self) -> None:
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = Path(self.scratch.name)

    def sleeper(self) -> processes.Process:
        command = [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '60'])"]
        process = processes.start("sleeper", command, dict(os.environ), self.folder / "log")
        self.addCleanup(processes.stop, process)
        return process

    def test_a_stopped_process_is_gone_and_a_second_stop_says_so(self) -> None:
        process = self.sleeper()
        self.assertEqual(
            [processes.is_running(process), processes.stop(process), processes.is_running(process)],
            [True, True, False],
        )
        self.assertFalse(processes.stop(process))

    def test_a_foreign_process_with_the_same_id_is_left_alone(self) -> None:
        process = self.sleeper()
        stale = dataclasses.replace(process, identity="0 something else")
        self.assertFalse(processes.stop(stale))
        self.assertTrue(processes.is_running(process))

    def test_processes_survive_being_saved(self) -> None:
        process = self.sleeper()
        processes.save(self.folder / "processes.json", [process])
        self.assertEqual(processes.load(self.folder / "processes.json"), [process])


class Packages(unittest.TestCase):
    def test_a_package_holds_an_executable_bootstrap_and_is_written_once(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for function in settings.FUNCTIONS:
                (folder / function).write_bytes(function.encode())
            first = package.zip_functions(folder, folder / "zip")
            written = (folder / "zip" / "web.zip").stat().st_mtime_ns
            self.assertEqual(package.zip_functions(folder, folder / "zip"), first)
            self.assertEqual((folder / "zip" / "web.zip").stat().st_mtime_ns, written)
            with zipfile.ZipFile(folder / "zip" / "web.zip") as archive:
                entry = archive.getinfo("bootstrap")
                self.assertEqual(archive.read(entry), b"web")
                self.assertEqual(entry.external_attr >> 16, 0o100755)
            (folder / "web").write_bytes(b"changed")
            self.assertNotEqual(package.zip_functions(folder, folder / "zip"), first)

    def test_a_missing_binary_is_named(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            with self.assertRaisesRegex(settings.StackError, "oauth-callback does not exist"):
                package.zip_functions(Path(name), Path(name) / "zip")


class Secrets(unittest.TestCase):
    def test_a_generated_secret_has_every_field_and_a_fresh_pepper(self) -> None:
        first, second = (app_secret.build(plain(), "http://127.0.0.1:7/clerk") for _ in range(2))
        self.assertEqual(set(first), {*app_secret.REQUIRED, app_secret.MAIL_KEY, *app_secret.WEBHOOK_KEYS})
        self.assertNotEqual(first["pepper"], second["pepper"])

    def test_a_given_secret_without_a_field_is_refused(self) -> None:
        given = {name: "x" for name in app_secret.REQUIRED if name != "pepper"}
        with self.assertRaisesRegex(settings.StackError, "lacks pepper"):
            app_secret.build(dataclasses.replace(plain(), secrets_json=json.dumps(given)), "")

    def test_a_given_secret_is_used_as_it_is(self) -> None:
        given = {name: "x" for name in (*app_secret.REQUIRED, "meta_app_secret_previous")}
        given["xero_webhook_keys"] = ["new", "old"]
        self.assertEqual(app_secret.build(dataclasses.replace(plain(), secrets_json=json.dumps(given)), ""), given)


class Failures(unittest.TestCase):
    def test_a_port_that_is_in_use_is_named(self) -> None:
        import socket

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(settings.StackError, f"Port {port} is in use"):
                emulator.start(dataclasses.replace(plain(), gateway_port=port))

    def test_a_port_that_is_no_number_is_refused(self) -> None:
        with mock.patch.dict(os.environ, {"NUMO_GATEWAY_PORT": "many"}):
            with self.assertRaisesRegex(settings.StackError, "must be a port number, not 'many'"):
                settings.from_environment()

    def test_a_variable_has_the_name_of_its_parameter(self) -> None:
        names = ["NUMO_XERO_API_BASE", "NUMO_INTUIT_DISCOVERY_BASE", "NUMO_QUICKBOOKS_API_BASE"]
        expected = ["XeroApiBase", "IntuitDiscoveryBase", "QuickBooksApiBase"]
        self.assertEqual([commands.parameter(name) for name in names], expected)

    def test_a_stage_without_a_file_is_named(self) -> None:
        with self.assertRaisesRegex(settings.StackError, "infra/stages/nowhere.json does not exist"):
            stages.read("nowhere")

    def test_a_failure_is_one_sentence_and_a_non_zero_exit(self) -> None:
        result = subprocess.run(
            [sys.executable, str(STACK), "deploy", "--stage", "nowhere"], capture_output=True, text=True
        )
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            result.stderr,
            "error: infra/stages/nowhere.json does not exist; copy infra/stages/example.json and fill it in.\n",
        )

    def test_a_missing_python_is_one_sentence_and_a_non_zero_exit(self) -> None:
        root = STACK.parents[2]
        result = subprocess.run(
            ["make", "--silent", "venv", "PYTHON=no-such-python"], cwd=root, capture_output=True, text=True
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(
            result.stderr.splitlines()[0], "error: no-such-python is missing; install Python 3.10 or newer."
        )


if __name__ == "__main__":
    unittest.main()
