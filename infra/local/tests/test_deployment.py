"""A deployment to AWS, step by step, without AWS."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from botocore.exceptions import ClientError  # noqa: E402

from numo_local import change_set, deploy, destroy, glibc, lld, settings, stages  # noqa: E402


def change(action: str, name: str, kind: str, replacement: str = "", properties: tuple[str, ...] = ()) -> dict[str, Any]:
    """A change as CloudFormation describes it."""
    details = [{"Target": {"Attribute": "Properties", "Name": name}} for name in properties]
    described = {"Action": action, "LogicalResourceId": name, "ResourceType": kind, "Details": details}
    return {**described, "Replacement": replacement} if replacement else described


CHANGES = [
    change("Add", "NewAlarms", "AWS::CloudFormation::Stack"),
    change("Modify", "WebFunction", "AWS::Lambda::Function", "False", ("Code",)),
    change("Modify", "Table", "AWS::DynamoDB::Table", "Conditional", ("TableName", "BillingMode")),
    change("Modify", "OldRole", "AWS::IAM::Role", "True", ("RoleName",)),
    change("Remove", "VaultKey", "AWS::KMS::Key"),
]


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        return True


def typing(*lines: str) -> Any:
    return mock.patch.object(sys, "stdin", Terminal("".join(f"{line}\n" for line in lines)))


class Confirmation(unittest.TestCase):
    def setUp(self) -> None:
        self.printed = io.StringIO()
        for patch in (mock.patch.object(sys, "stdout", self.printed), mock.patch.dict(os.environ)):
            patch.start()
            self.addCleanup(patch.stop)
        os.environ.pop("YES", None)

    def test_changes_are_a_table_of_what_happens_to_which_and_why(self) -> None:
        expected = """\
                 resource     type                        properties
add              NewAlarms    AWS::CloudFormation::Stack
change           WebFunction  AWS::Lambda::Function       Code
perhaps replace  Table        AWS::DynamoDB::Table        BillingMode, TableName
replace          OldRole      AWS::IAM::Role              RoleName
remove           VaultKey     AWS::KMS::Key"""
        self.assertEqual(change_set.table(CHANGES), expected)

    def test_what_holds_data_and_goes_is_known(self) -> None:
        self.assertEqual(change_set.dangers(CHANGES), ["Table", "VaultKey"])

    def test_a_deployment_goes_on_when_its_stack_is_typed(self) -> None:
        with typing("numo-prod"):
            change_set.confirm("numo-prod", CHANGES[:2])
        self.assertIn("WebFunction", self.printed.getvalue())

    def test_a_deployment_stops_when_something_else_is_typed(self) -> None:
        with typing("yes"), self.assertRaisesRegex(settings.StackError, "numo-prod was not typed; nothing was changed."):
            change_set.confirm("numo-prod", CHANGES[:2])

    def test_nobody_is_asked_where_a_variable_says_yes(self) -> None:
        os.environ["YES"] = "1"
        with mock.patch.object(sys, "stdin", io.StringIO()):
            change_set.confirm("numo-prod", CHANGES[:2])

    def test_without_a_terminal_nothing_is_confirmed(self) -> None:
        with mock.patch.object(sys, "stdin", io.StringIO("numo-prod\n")):
            with self.assertRaisesRegex(settings.StackError, "Nobody can be asked to type numo-prod"):
                change_set.confirm("numo-prod", CHANGES[:2])

    def test_data_goes_only_when_each_of_it_is_typed(self) -> None:
        with typing("Table", "VaultKey", "numo-prod"):
            change_set.confirm("numo-prod", CHANGES)
        with typing("Table", "no"), self.assertRaisesRegex(settings.StackError, "VaultKey was not typed"):
            change_set.confirm("numo-prod", CHANGES)

    def test_no_variable_lets_data_go(self) -> None:
        os.environ["YES"] = "1"
        with mock.patch.object(sys, "stdin", io.StringIO()):
            with self.assertRaisesRegex(settings.StackError, "Nobody can be asked to type Table"):
                change_set.confirm("numo-prod", CHANGES)

    def test_a_stack_is_destroyed_by_its_name_alone(self) -> None:
        with typing("numo-test"):
            destroy.typed("numo-test", ["AWS::KMS::Key k-1"])
        self.assertIn("stays: AWS::KMS::Key k-1\n", self.printed.getvalue())
        os.environ["YES"] = "1"
        with mock.patch.object(sys, "stdin", io.StringIO()):
            with self.assertRaisesRegex(settings.StackError, "Nobody can be asked to type numo-test"):
                destroy.typed("numo-test", [])


class CloudFormation:
    """A stub that answers as CloudFormation does, and notes what it was asked for."""

    def __init__(self, status: str | None, made: list[dict[str, Any]]) -> None:
        self.status, self.made, self.asked = status, made, list[str]()

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803 - the names of boto3
        if self.status is None:
            raise ClientError({"Error": {"Message": f"Stack {StackName} does not exist"}}, "DescribeStacks")
        outputs = [{"OutputKey": "ApiId", "OutputValue": "a1"}]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": outputs}]}

    def create_change_set(self, **request: Any) -> dict[str, str]:
        self.asked.append(f"create {request['ChangeSetType']} {request['TemplateURL']}")
        return {"Id": "change-set"}

    def describe_change_set(self, **_: Any) -> dict[str, Any]:
        return self.made.pop(0)

    def execute_change_set(self, **_: Any) -> None:
        self.asked.append("execute")
        self.status = "UPDATE_COMPLETE"

    def delete_change_set(self, **_: Any) -> None:
        self.asked.append("delete the change set")

    def delete_stack(self, **_: Any) -> None:
        self.asked.append("delete the stack")


def refuse(_stack: str, _changes: list[dict[str, Any]]) -> None:
    raise settings.StackError("nothing was changed.")


class ChangeSets(unittest.TestCase):
    def test_all_pages_of_changes_are_confirmed_before_they_are_made(self) -> None:
        first, second = ({"ResourceChange": change("Add", name, "AWS::SQS::Queue")} for name in ("A", "B"))
        pages = [
            {"Status": "CREATE_IN_PROGRESS"},
            {"Status": "CREATE_COMPLETE", "Changes": [first], "NextToken": "2"},
            {"Status": "CREATE_COMPLETE", "Changes": [second]},
        ]
        stub, shown = CloudFormation("UPDATE_COMPLETE", pages), []
        outputs = deploy.deploy(stub, "numo-prod", "https://b/p", {}, lambda stack, changes: shown.append((stack, changes)))
        self.assertEqual(shown, [("numo-prod", [first["ResourceChange"], second["ResourceChange"]])])
        self.assertEqual(stub.asked, ["create UPDATE https://b/p/template.yaml", "execute"])
        self.assertEqual(outputs, {"ApiId": "a1"})

    def test_a_declined_change_set_is_dropped_and_so_is_a_stack_that_was_never_made(self) -> None:
        for status, kind, dropped in (
            ("UPDATE_COMPLETE", "UPDATE", ["delete the change set"]),
            (None, "CREATE", ["delete the change set", "delete the stack"]),
        ):
            stub = CloudFormation(status, [{"Status": "CREATE_COMPLETE", "Changes": [{"ResourceChange": CHANGES[0]}]}])
            with self.subTest(kind), self.assertRaisesRegex(settings.StackError, "nothing was changed."):
                deploy.deploy(stub, "numo-prod", "https://b/p", {}, refuse)
            self.assertEqual(stub.asked, [f"create {kind} https://b/p/template.yaml", *dropped])

    def test_where_nothing_changes_nobody_is_asked(self) -> None:
        reason = "The submitted information didn't contain changes."
        stub = CloudFormation("UPDATE_COMPLETE", [{"Status": "FAILED", "StatusReason": reason}])
        self.assertEqual(deploy.deploy(stub, "numo-prod", "https://b/p", {}, refuse), {"ApiId": "a1"})
        self.assertEqual(stub.asked[1:], ["delete the change set"])

    def test_a_change_set_that_is_refused_says_why(self) -> None:
        stub = CloudFormation("UPDATE_COMPLETE", [{"Status": "FAILED", "StatusReason": "Transform failed"}])
        with self.assertRaisesRegex(settings.StackError, "refused the stack numo-prod: Transform failed"):
            deploy.deploy(stub, "numo-prod", "https://b/p", {}, refuse)


class Uploads(unittest.TestCase):
    def test_a_build_has_its_name_by_its_packages_and_templates_and_tells_its_commit(self) -> None:
        s3 = mock.Mock()
        s3.meta.endpoint_url = "https://s3.example"
        with tempfile.TemporaryDirectory() as name:
            for function in settings.FUNCTIONS:
                (Path(name) / f"{function}.zip").write_bytes(function.encode())
            url = deploy.upload(s3, "code", "numo-prod/abc", Path(name), "4f2a")
        put = {call.kwargs["Key"]: call.kwargs["Metadata"] for call in s3.put_object.call_args_list}
        zips = {f"numo-prod/abc/{function}.zip" for function in settings.FUNCTIONS}
        templates = {"numo-prod/abc/template.yaml", "numo-prod/abc/alarms/function.yaml", "numo-prod/abc/dashboard.yaml"}
        self.assertEqual((zips | templates) - set(put), set())
        self.assertEqual(list(put.values()), [{"commit": "4f2a"}] * len(put))
        self.assertEqual(url, "https://s3.example/code/numo-prod/abc")

    def test_a_changed_template_or_parameter_is_another_build(self) -> None:
        before = deploy.build_name("packages", {"InUse": "true"})
        self.assertEqual(deploy.build_name("packages", {"InUse": "true"}), before)
        self.assertNotEqual(deploy.build_name("others", {"InUse": "true"}), before)
        self.assertNotEqual(deploy.build_name("packages", {"InUse": "false"}), before)
        with tempfile.TemporaryDirectory() as name:
            other = Path(name) / "template.yaml"
            other.write_text("Resources: {}")
            with mock.patch.object(deploy, "TEMPLATE", other):
                self.assertNotEqual(deploy.build_name("packages", {"InUse": "true"}), before)


class Shift(unittest.TestCase):
    """What SAM makes of the template, as on AWS with the values of parameters."""

    GIVEN = {"Stage": "prod", "CodeBucket": "code", "CodePrefix": "numo-prod/a", "TemplatesUrl": "https://b/p", "TrafficShift": "true"}

    def resources(self, **parameters: str) -> dict[str, dict[str, Any]]:
        from samtranslator.translator.transform import transform
        from samtranslator.yaml_helper import yaml_parse

        with mock.patch.dict(os.environ, AWS_DEFAULT_REGION="eu-west-1"):
            made = transform(yaml_parse(settings.TEMPLATE.read_text()), {**self.GIVEN, **parameters}, mock.Mock())
        return dict(made["Resources"])

    @staticmethod
    def of_type(resources: dict[str, dict[str, Any]], kind: str) -> set[str]:
        return {name for name, resource in resources.items() if resource["Type"] == kind}

    def test_another_build_makes_a_new_version_of_each_function(self) -> None:
        first, second = (
            self.of_type(self.resources(CodePrefix=prefix), "AWS::Lambda::Version") for prefix in ("numo-prod/a", "numo-prod/b")
        )
        self.assertEqual((len(first), len(second), first & second), (len(settings.FUNCTIONS), len(settings.FUNCTIONS), set()))

    def test_calls_move_to_a_new_version_step_by_step_and_back_by_its_alarm(self) -> None:
        resources = self.resources()
        group = resources["WebFunctionDeploymentGroup"]["Properties"]
        alarm = {"Name": {"Fn::GetAtt": ["WebAlarms", "Outputs.Errors"]}}
        self.assertEqual(group["AlarmConfiguration"], {"Enabled": True, "Alarms": [alarm]})
        self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["AutoRollbackConfiguration"]["Events"])
        self.assertIn("CodeDeployLambdaAliasUpdate", resources["WebFunctionAliaslive"]["UpdatePolicy"])
        self.assertEqual(len(self.of_type(resources, "AWS::CodeDeploy::DeploymentGroup")), len(settings.FUNCTIONS))

    def test_without_a_shift_there_is_the_alias_and_no_codedeploy(self) -> None:
        resources = self.resources(TrafficShift="false")
        self.assertEqual(self.of_type(resources, "AWS::CodeDeploy::DeploymentGroup"), set())
        self.assertEqual(len(self.of_type(resources, "AWS::Lambda::Alias")), len(settings.FUNCTIONS))


class Stages(unittest.TestCase):
    def read(self, content: str) -> stages.Stage:
        with tempfile.TemporaryDirectory() as name, mock.patch.object(stages, "STAGES", Path(name)):
            (Path(name) / "prod.json").write_text(content)
            return stages.read("prod")

    def refused(self, **parameters: Any) -> str:
        """What is wrong with the example's parameters and these."""
        example = json.loads((stages.ROOT / "infra" / "stages" / "example.json").read_text())
        example["parameters"] = {**example["parameters"], **parameters}
        with self.assertRaises(settings.StackError) as raised:
            self.read(json.dumps(example))
        return str(raised.exception).partition("prod.json: ")[2]

    def test_the_example_is_what_a_stage_needs(self) -> None:
        stage = stages.read("example")
        self.assertEqual((stage.stack, stage.region, stage.architecture), ("numo-example", "eu-west-1", "x86_64"))

    def test_unknown_and_missing_parameters_are_named_all_at_once(self) -> None:
        with self.assertRaisesRegex(
            settings.StackError, "Publisher is no parameter of template.yaml; ClerkIssuer is missing; LegalName is missing"
        ):
            self.read('{"region": "r", "code_bucket": "b", "parameters": {"Publisher": "x"}}')

    def test_a_value_that_cloudformation_would_refuse_is_named(self) -> None:
        self.assertEqual(self.refused(Architecture="mips"), "Architecture is none of x86_64, arm64.")
        self.assertEqual(self.refused(MonthlyBudget="much"), "MonthlyBudget is no number.")
        self.assertEqual(self.refused(LegalName=""), "LegalName has 0 characters.")
        self.assertEqual(self.refused(InUse=True), "InUse is no text.")
        self.assertEqual(self.refused(MetaSignupConfig="x"), "MetaSignupConfig does not look like ^[0-9]*$.")

    def test_what_the_deployment_sets_is_not_for_files(self) -> None:
        self.assertEqual(self.refused(CodePrefix="x"), "CodePrefix is set by the deployment.")

    def test_a_name_of_its_own_needs_its_certificate_and_is_the_public_address(self) -> None:
        both = "PublicUrl is not https:// and DomainName; DomainName and CertificateArn come together."
        self.assertEqual(self.refused(DomainName="other.example.com"), both)

    def test_a_file_that_is_no_stage_says_so(self) -> None:
        for content, reason in (
            ("{", "prod.json is no JSON"),
            ("[]", "A stage file is an object"),
            ('{"code_bucket": "b", "parameters": {}, "zone": 1}', "region is missing; zone is unknown; ClerkIssuer is missing"),
        ):
            with self.subTest(content), self.assertRaisesRegex(settings.StackError, reason):
                self.read(content)


class Glibc(unittest.TestCase):
    def test_the_newest_version_that_a_program_asks_for_counts(self) -> None:
        program = b"ELF\0GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9\0"
        self.assertEqual([glibc.needed(program), glibc.needed(b"static")], [(2, 34), (0, 0)])
        glibc.check("web", program)

    def test_a_program_that_lambda_could_not_start_is_refused(self) -> None:
        with self.assertRaisesRegex(settings.StackError, "web needs glibc 2.39, but Lambda has 2.34; build with zig"):
            glibc.check("web", b"\0GLIBC_2.34\0GLIBC_2.39\0")

    def test_this_machine_s_python_names_its_glibc(self) -> None:
        self.assertGreater(glibc.needed(Path(sys.executable).resolve().read_bytes()), (2, 0))


# Tells how it would call LLD, as Zig does with -v, and writes down how it was called.
FAKE_ZIG = """#!/bin/sh
echo "$@" >> "$0.calls"
case "$*" in *refused*) echo "error: refused" >&2; exit 3;; esac
case "$1" in cc) echo "clang -cc1 a.c" >&2; echo "ld.lld -o 'a b' a.o" >&2;; esac
"""


class Lld(unittest.TestCase):
    """What Zig does not hand on to LLD."""

    def linked(self, *arguments: str) -> tuple[int, list[str]]:
        """How a link of cargo-lambda's ended, and the calls of Zig that it took."""
        with tempfile.TemporaryDirectory() as folder:
            zig = Path(folder) / "zig"
            zig.write_text(FAKE_ZIG)
            zig.chmod(0o755)
            done = subprocess.run([lld.WRAPPER, *arguments], env=os.environ | {lld.REAL: str(zig)}, capture_output=True)
            return done.returncode, Path(f"{zig}.calls").read_text().splitlines()

    def test_lld_is_called_once_more_with_what_zig_does_not_know(self) -> None:
        calls = self.linked("cc", "a.o", "-Wl,--icf=all", "-Wl,-O2", "-Wl,--bp-compression-sort=function", "-o", "a b")
        expected = ["cc a.o -Wl,-O2 -o a b -v", "ld.lld -o a b a.o --icf=all --bp-compression-sort=function"]
        self.assertEqual(calls, (0, expected))

    def test_everything_else_is_zig_s(self) -> None:
        self.assertEqual(self.linked("cc", "-c", "a.c"), (0, ["cc -c a.c"]))
        self.assertEqual(self.linked("version"), (0, ["version"]))

    def test_a_link_that_zig_refuses_fails(self) -> None:
        self.assertEqual(self.linked("cc", "refused", "-Wl,--icf=all"), (3, ["cc refused -v"]))

    def test_zig_knows_no_option_of_the_release_but_those_that_are_kept_from_it(self) -> None:
        arguments = re.findall(r'"link-arg=([^"]+)"', (settings.ROOT / "infra" / "release.toml").read_text())
        self.assertEqual(lld.split(arguments)[0], ["-Wl,-O2"])


if __name__ == "__main__":
    unittest.main()
