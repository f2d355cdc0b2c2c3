"""The local stack from start to stop, and the emulator facts that the project relies on.

A fact that changes with an upgrade of the emulator fails here first.
"""

from __future__ import annotations

import dataclasses
import http.server
import json
import os
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from botocore.exceptions import ClientError  # noqa: E402

from numo_local import app_secret, change_set, commands, deploy, destroy, emulator, processes, settings, simulator  # noqa: E402

NOWHERE = {name: "http://127.0.0.1:9" for name in settings.SIMULATED}
TABLE = "numo-local"
ITEM = {"pk": {"S": "ORG#o1#"}, "sk": {"S": "A"}}


def write_functions(folder: Path) -> None:
    """Makes every function an executable copy of the probe."""
    source = (Path(__file__).parent / "probe.py").read_text()
    for name in settings.FUNCTIONS:
        path = folder / name
        path.write_text(f"#!{sys.executable}\n{source}")
        path.chmod(0o755)


def template_id(function: str) -> str:
    """reminder-planner -> ReminderPlanner, as template.yaml names it."""
    return "".join(word.capitalize() for word in function.split("-"))


def mail_from(sender: str) -> dict[str, Any]:
    """The arguments of a mail."""
    headers = [{"Name": "List-Unsubscribe", "Value": "<https://numo.example/unsubscribe>"}]
    body = {"Text": {"Data": "Text"}, "Html": {"Data": "<p>Text</p>"}}
    return {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": ["olivia@harbour.example"]},
        "Content": {"Simple": {"Subject": {"Data": "Subject"}, "Body": body, "Headers": headers}},
    }


class Stack(unittest.TestCase):
    scratch: tempfile.TemporaryDirectory[str]
    local: settings.Settings
    state: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        root = Path(cls.scratch.name)
        binaries = root / "bin"
        binaries.mkdir()
        write_functions(binaries)
        cls.local = settings.Settings(root / "local", "eu-west-1", None, binaries, root / "zip", NOWHERE, None)
        cls.state = commands.up(cls.local)

    @classmethod
    def tearDownClass(cls) -> None:
        commands.down(cls.local)
        cls.scratch.cleanup()

    def client(self, service: str) -> Any:
        state = self.state
        return emulator.client(
            state["aws_endpoint"], state["region"], state["access_key"], state["secret_key"], service
        )

    def request(self, path: str, **options: Any) -> Any:
        return urllib.request.urlopen(urllib.request.Request(self.state["loopback_url"] + path, **options))

    def event(self, path: str, **options: Any) -> dict[str, Any]:
        with self.request(path, **options) as response:
            return dict(json.load(response))

    def call(self, route: str, service: str, action: str, **arguments: Any) -> Any:
        """One AWS call made by the function behind a path, or behind a method and a path."""
        method, _, path = route.rpartition(" ")
        call = json.dumps({"service": service, "action": action, "arguments": arguments})
        return self.event(f"{path}?{urllib.parse.urlencode({'call': call})}", method=method or "GET")

    # --- the stack

    def test_a_second_start_changes_nothing(self) -> None:
        self.assertEqual(commands.up(self.local), self.state)

    def test_each_route_reaches_its_function(self) -> None:
        routes = {
            ("GET", "/"): "web",
            ("GET", "/v1/invoices/1"): "api",
            ("GET", "/oauth/xero/start"): "oauth-callback",
            ("GET", "/oauth/xero/callback"): "oauth-callback",
            ("GET", "/oauth/quickbooks/callback"): "oauth-callback",
            ("GET", "/oauth/xero/choose"): "oauth-callback",
            ("POST", "/oauth/xero/choose"): "oauth-callback",
            ("GET", "/oauth/quickbooks/launch"): "oauth-callback",
            ("GET", "/oauth/quickbooks/reconnect"): "oauth-callback",
            ("GET", "/oauth/quickbooks/disconnect"): "oauth-callback",
            ("GET", "/webhooks/meta"): "meta-webhook",
            ("POST", "/webhooks/meta"): "meta-webhook",
            ("POST", "/webhooks/xero"): "partner-webhook",
            ("POST", "/webhooks/intuit"): "partner-webhook",
            ("POST", "/webhooks/clerk"): "partner-webhook",
            ("GET", "/webhooks/xero"): "web",
            ("POST", "/oauth/xero/start"): "web",
        }
        for (method, path), function in routes.items():
            with self.subTest(path=path), self.request(path, method=method) as response:
                self.assertEqual(response.headers["x-function"], f"numo-local-{function}")

    def test_functions_get_the_public_address_and_the_given_addresses(self) -> None:
        configuration = self.client("lambda").get_function_configuration(FunctionName="numo-local-web")
        variables = configuration["Environment"]["Variables"]
        self.assertEqual(variables["NUMO_PUBLIC_URL"], self.state["api_url"])
        self.assertEqual(variables["NUMO_CLERK_AUTHORIZED_PARTIES"], self.state["api_url"])
        self.assertEqual({name: variables[name] for name in NOWHERE}, NOWHERE)

    def test_a_queue_wakes_its_function_and_logs_are_found(self) -> None:
        header = {"DataType": "String", "StringValue": "Root=1-67891233-abcdef012345678912345678"}
        self.client("sqs").send_message(
            QueueUrl=self.state["queues"]["sync"],
            MessageBody="wake-up",
            MessageGroupId="org_1",
            MessageSystemAttributes={"AWSTraceHeader": header},
        )
        deadline = time.monotonic() + 20
        log = self.local.logs / "functions" / "scheduled-sync.log"
        while not (log.exists() and "wake-up" in log.read_text()):
            self.assertLess(time.monotonic(), deadline, "the function was not woken")
            commands.logs(self.local)
        self.assertIn('"MessageGroupId": "org_1"', log.read_text())
        self.assertIn('"AWSTraceHeader": "Root=1-67891233-abcdef012345678912345678"', log.read_text())

    def test_the_sweep_is_scheduled_every_minute(self) -> None:
        schedule = self.client("scheduler").get_schedule(Name="numo-local-sweep", GroupName="numo-local")
        self.assertEqual(schedule["ScheduleExpression"], "rate(1 minute)")
        self.assertTrue(schedule["Target"]["Arn"].endswith(":function:numo-local-due-sweeper:live"))

    def test_alarms_and_the_dashboard_are_deployed(self) -> None:
        cloudwatch = self.client("cloudwatch")
        alarms = {alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]}
        kinds = {f"numo-local-{name}-{kind}" for name in settings.FUNCTIONS for kind in ("failing", "errors", "throttled", "slow")}
        kinds |= {f"numo-local-{name}-{kind}" for name in settings.QUEUES for kind in ("dead", "old")}
        self.assertEqual(kinds - set(alarms), set())
        slow = alarms["numo-local-web-slow"]
        self.assertEqual((slow["Threshold"], slow["Dimensions"]), (26100.0, [{"Name": "FunctionName", "Value": "numo-local-web"}]))
        self.assertIn("numo-local-restored-table", alarms)
        body = cloudwatch.get_dashboard(DashboardName="numo-local")["DashboardBody"]
        self.assertEqual(json.loads(body)["widgets"][0]["properties"]["title"], "Messages today")

    def test_a_second_deployment_shows_what_it_changes_and_can_be_declined(self) -> None:
        cloudformation = self.client("cloudformation")
        running = cloudformation.describe_stacks(StackName=settings.STACK_NAME)["Stacks"][0]
        parameters = {each["ParameterKey"]: each["ParameterValue"] for each in running["Parameters"]}
        templates_url, shown = parameters.pop("TemplatesUrl"), []

        def decline(_stack: str, changes: list[dict[str, Any]]) -> None:
            shown.extend(changes)
            raise settings.StackError("nothing was changed.")

        with self.assertRaisesRegex(settings.StackError, "nothing was changed."):
            changed = {**parameters, "FormerName": "Simple AR"}
            deploy.deploy(cloudformation, settings.STACK_NAME, templates_url, changed, decline)
        functions = {f"{template_id(name)}Function" for name in settings.FUNCTIONS}
        self.assertEqual(functions - {change["LogicalResourceId"] for change in shown}, set())
        self.assertEqual(change_set.dangers(shown), [])
        again = cloudformation.describe_stacks(StackName=settings.STACK_NAME)["Stacks"][0]
        self.assertEqual((again["StackStatus"], again["Parameters"]), ("CREATE_COMPLETE", running["Parameters"]))

    def test_a_stack_that_holds_data_is_not_destroyed(self) -> None:
        self.client("dynamodb").put_item(TableName=TABLE, Item=ITEM)
        with self.assertRaisesRegex(settings.StackError, "numo-local holds data and is not destroyed: table numo-local"):
            destroy.destroy(self, settings.STACK_NAME, self.fail)

    def test_what_outlives_a_stack_is_known(self) -> None:
        cloudformation = self.client("cloudformation")
        resources = destroy.resources_of(cloudformation, settings.STACK_NAME)
        stays = destroy.retained(cloudformation, settings.STACK_NAME, resources)
        kinds = sorted(line.split()[0] for line in stays)
        keys_and_tables = ["AWS::DynamoDB::Table"] * 2 + ["AWS::KMS::Key"] * 2
        self.assertEqual(kinds, [*keys_and_tables, "AWS::SecretsManager::Secret"])

    def test_a_failed_deployment_says_why(self) -> None:
        broken = Path(self.scratch.name) / "broken.yaml"
        broken.write_text(settings.TEMPLATE.read_text().replace("AWS::Events::EventBus", "AWS::Events::Buss"))
        elsewhere = dataclasses.replace(self.local, directory=Path(self.scratch.name) / "broken")
        original, deploy.TEMPLATE = deploy.TEMPLATE, broken
        try:
            with self.assertRaisesRegex(settings.StackError, "AWS::Events::Buss"):
                commands.up(elsewhere)
        finally:
            deploy.TEMPLATE = original
        self.assertEqual(processes.load(elsewhere.process_file), [])

    # --- permissions

    def test_a_function_without_table_access_is_refused(self) -> None:
        refused = self.call("/webhooks/meta", "dynamodb", "put_item", TableName=TABLE, Item=ITEM)
        self.assertEqual(refused, {"error": "AccessDeniedException"})

    def test_no_function_may_scan(self) -> None:
        refused = self.call("/", "dynamodb", "scan", TableName=TABLE)
        self.assertEqual(refused, {"error": "AccessDeniedException"})

    def test_a_function_sends_only_to_its_queues(self) -> None:
        refused = self.call("/webhooks/meta", "sqs", "send_message", QueueUrl="$NUMO_QUEUE_SYNC", MessageBody="x")
        allowed = self.call("/webhooks/meta", "sqs", "send_message", QueueUrl="$NUMO_QUEUE_META", MessageBody="x")
        self.assertEqual(refused, {"error": "AccessDenied"})
        self.assertIn("MessageId", allowed)

    def test_the_webhooks_of_ledgers_mark_work_due_and_wake_nobody(self) -> None:
        webhook = "POST /webhooks/xero"
        key = {"pk": {"S": "ROUTE#XERO#t"}, "sk": {"S": "ROUTE"}}
        marked = self.call(webhook, "dynamodb", "put_item", TableName=TABLE, Item=ITEM)
        self.assertNotIn("error", marked)
        self.assertNotIn("error", self.call(webhook, "dynamodb", "get_item", TableName=TABLE, Key=key))
        # Clerk's webhooks, in the same function, may delete what led to somebody who is gone.
        refused = self.call(webhook, "dynamodb", "update_item", TableName=TABLE, Key=key)
        self.assertEqual(refused, {"error": "AccessDeniedException"})
        refused = self.call(webhook, "sqs", "send_message", QueueUrl="$NUMO_QUEUE_SYNC", MessageBody="x")
        self.assertEqual(refused, {"error": "AccessDenied"})

    def test_a_function_reads_the_secret(self) -> None:
        secret = self.call("/oauth/xero/start", "secretsmanager", "get_secret_value", SecretId="$NUMO_SECRETS_ID")
        expected = {*app_secret.REQUIRED, app_secret.MAIL_KEY, *app_secret.WEBHOOK_KEYS}
        self.assertEqual(set(json.loads(secret["SecretString"])), expected)

    def test_functions_with_a_route_send_no_mails(self) -> None:
        refused = self.call("/", "sesv2", "send_email", **mail_from(settings.MAIL_FROM))
        self.assertEqual(refused, {"error": "AccessDeniedException"})

    def test_only_token_handlers_use_the_vault_key(self) -> None:
        arguments = {"KeyId": "$NUMO_VAULT_KEY", "KeySpec": "AES_256", "EncryptionContext": {"org": "o1"}}
        self.assertIn("KeyId", self.call("/", "kms", "generate_data_key", **arguments))
        refused = self.call("/webhooks/meta", "kms", "generate_data_key", **arguments)
        self.assertEqual(refused, {"error": "AccessDeniedException"})

    def test_a_function_reaches_the_leading_keys_of_its_role_alone(self) -> None:
        def key(pk: str) -> dict[str, Any]:
            return {"pk": {"S": pk}, "sk": {"S": "x"}}

        def put(pk: str) -> dict[str, Any]:
            return {"Put": {"TableName": TABLE, "Item": {**key(pk), "et": {"S": "test"}}}}

        refused = {"error": "AccessDeniedException"}
        query = {"TableName": TABLE, "KeyConditionExpression": "#pk = :pk", "ExpressionAttributeNames": {"#pk": "pk"}}
        of = lambda pk: {"ExpressionAttributeValues": {":pk": {"S": pk}}}  # noqa: E731
        for allowed, operation, arguments in (
            (True, "get_item", {"TableName": TABLE, "Key": key("ORG#o#")}),
            (False, "get_item", {"TableName": TABLE, "Key": key("STATE#x")}),
            (True, "batch_get_item", {"RequestItems": {TABLE: {"Keys": [key("ORG#o#"), key("ROUTE#a#")]}}}),
            (False, "batch_get_item", {"RequestItems": {TABLE: {"Keys": [key("ORG#o#"), key("STATE#x")]}}}),
            (True, "query", {**query, **of("AUDIT#o#")}),
            (False, "query", {**query, **of("VAULT#o#")}),
            (True, "transact_write_items", {"TransactItems": [put("ORG#o#"), put("AUDIT#o#")]}),
            (False, "transact_write_items", {"TransactItems": [put("ORG#o#"), put("STATE#x")]}),
        ):
            with self.subTest(operation, allowed=allowed):
                answer = self.call("/", "dynamodb", operation, **arguments)
                if allowed:
                    self.assertNotIn("error", answer)
                else:
                    self.assertEqual(answer, refused)

    # --- emulator facts

    def test_mails_of_a_verified_sender_end_in_the_mailbox_without_their_headers(self) -> None:
        ses = self.client("sesv2")
        ses.send_email(**mail_from(settings.MAIL_FROM))
        with self.assertRaisesRegex(ClientError, "MessageRejected"):
            ses.send_email(**mail_from("stranger@elsewhere.example"))
        with urllib.request.urlopen(self.state["mailbox_url"]) as answer:
            mails = [mail for mails in json.load(answer)["messages"].values() for mail in mails]
        shown = [(mail["Source"], mail["To"], mail["Subject"], mail["BodyText"]) for mail in mails]
        self.assertEqual(shown, [(settings.MAIL_FROM, ["olivia@harbour.example"], "Subject", "Text")])

    def test_a_wrong_encryption_context_is_refused(self) -> None:
        kms = self.client("kms")
        made = kms.generate_data_key(
            KeyId=self.state["key"], KeySpec="AES_256", EncryptionContext={"org": "o1"}
        )
        with self.assertRaises(ClientError):
            kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"org": "o2"})

    def test_a_cancelled_transaction_returns_the_old_item(self) -> None:
        table = self.client("dynamodb")
        table.put_item(TableName=TABLE, Item=ITEM)
        put = {
            "TableName": TABLE,
            "Item": ITEM,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        with self.assertRaises(ClientError) as caught:
            table.transact_write_items(TransactItems=[{"Put": put}])
        reason = caught.exception.response["CancellationReasons"][0]
        self.assertEqual((reason["Code"], reason["Item"]), ("ConditionalCheckFailed", ITEM))

    def test_backups_and_expiry_read_as_off_in_the_emulator(self) -> None:
        table = self.client("dynamodb")
        backups = table.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
        expiry = table.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
        self.assertEqual(backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "DISABLED")
        self.assertEqual(expiry, {"TimeToLiveStatus": "DISABLED"})

    def test_cookies_come_in_as_a_header_and_go_out_one_by_one(self) -> None:
        with self.request("/", headers={"Cookie": "s=1; t=2"}) as response:
            event = json.load(response)
            self.assertEqual(response.headers.get_all("set-cookie"), ["a=1; Path=/", "b=2"])
        self.assertNotIn("cookies", event)
        self.assertEqual(event["headers"]["cookie"], "s=1; t=2")

    def test_a_form_arrives_as_base64_and_json_as_text(self) -> None:
        form = self.event(
            "/v1/x", data=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"}, method="POST"
        )
        text = self.event("/v1/x", data=b"{}", headers={"Content-Type": "application/json"}, method="POST")
        self.assertEqual((form["body"], form["isBase64Encoded"]), ("YT0x", True))
        self.assertEqual((text["body"], text["isBase64Encoded"]), ("{}", False))

    def test_an_escaped_path_arrives_decoded_and_the_query_raw(self) -> None:
        event = self.event("/a%20b/c%2Fd?x=1&x=2&y=a%20b")
        self.assertEqual(event["rawPath"], "/a b/c/d")
        self.assertEqual(event["rawQueryString"], "x=1&x=2&y=a%20b")
        self.assertEqual(event["queryStringParameters"]["x"], "1,2")

    def test_the_host_header_reaches_the_api_as_well(self) -> None:
        host = urllib.parse.urlsplit(self.state["api_url"]).netloc
        request = urllib.request.Request(self.state["aws_endpoint"] + "/x", headers={"Host": host})
        with urllib.request.urlopen(request) as response:
            self.assertEqual(json.load(response)["headers"]["host"], host)


class Listener:
    """A simulator that only listens."""

    def __enter__(self) -> Listener:
        posts: dict[str, Any] = {}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posts[self.path] = json.loads(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.posts = posts
        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def simulator(self) -> simulator.Simulator:
        process = processes.Process("sim", os.getpid(), "")
        return simulator.Simulator(process, f"http://127.0.0.1:{self.server.server_port}")


class Simulated(unittest.TestCase):
    def test_the_simulator_runs_unless_every_address_is_given(self) -> None:
        given = settings.Settings(Path("unused"), "eu-west-1", None, None, Path("unused"), NOWHERE, None)
        partly = dataclasses.replace(given, addresses={"NUMO_XERO_API_BASE": "http://127.0.0.1:9"})
        without_mail = {name: url for name, url in NOWHERE.items() if name != "NUMO_CLERK_API_BASE"}
        enough = dataclasses.replace(given, addresses=without_mail)
        needed = [simulator.is_needed(settings) for settings in (given, enough, partly)]
        self.assertEqual(needed, [False, False, True])

    def test_a_given_address_replaces_the_simulated_one(self) -> None:
        given = {"NUMO_XERO_API_BASE": "https://xero.example"}
        partly = settings.Settings(Path("unused"), "eu-west-1", None, None, Path("unused"), given, None)
        running = simulator.Simulator(processes.Process("sim", os.getpid(), ""), "http://127.0.0.1:7")
        addresses = simulator.addresses(partly, running)
        self.assertEqual(addresses["NUMO_XERO_API_BASE"], "https://xero.example")
        self.assertEqual(addresses["NUMO_CLERK_ISSUER"], "http://127.0.0.1:7/clerk")
        self.assertEqual(addresses["NUMO_QUICKBOOKS_API_BASE"], "http://127.0.0.1:7/quickbooks-api")

    def test_every_provider_that_has_a_key_is_told_where_its_webhooks_go(self) -> None:
        secret = {"meta_app_secret": "m", "xero_webhook_keys": ["x", "old"], "intuit_webhook_tokens": []}
        with Listener() as heard:
            simulator.set_webhooks(heard.simulator(), "http://api", secret)
        self.assertEqual(
            heard.posts,
            {
                "/_control/meta/webhook": {"url": "http://api/webhooks/meta", "app_secret": "m"},
                "/_control/xero/webhook": {"url": "http://api/webhooks/xero", "signing_key": "x"},
            },
        )


class Destroyed(unittest.TestCase):
    """A stack without data, in an emulator of its own."""

    TEMPLATE = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "small"}},
            "Kept": {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": "Retain",
                "Properties": {
                    "TableName": "kept",
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                },
            },
        }
    }

    def test_a_stack_without_data_goes_and_what_it_retains_stays(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            local = emulator.start(settings.Settings(Path(name), "eu-west-1", None, None, Path(name), {}, None))
            self.addCleanup(processes.stop, local.process)
            cloudformation, told = local.client("cloudformation"), []
            cloudformation.create_stack(StackName="small", TemplateBody=json.dumps(self.TEMPLATE))
            cloudformation.get_waiter("stack_create_complete").wait(StackName="small", WaiterConfig={"Delay": 1})
            destroy.destroy(local, "small", lambda stack, stays: told.append((stack, stays)))
            self.assertEqual(told, [("small", ["AWS::DynamoDB::Table kept"])])
            with self.assertRaisesRegex(settings.StackError, "There is no stack small."):
                destroy.destroy(local, "small", self.fail)
            self.assertEqual(local.client("sqs").list_queues().get("QueueUrls", []), [])
            self.assertEqual(local.client("dynamodb").list_tables()["TableNames"], ["kept"])
            processes.stop(local.process)


if __name__ == "__main__":
    unittest.main()
