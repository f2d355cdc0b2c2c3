"""Every rule can fail: each case breaks the template in one place and names the sentence that follows."""

from __future__ import annotations

import copy
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parent))

import rules  # noqa: E402
import runbook  # noqa: E402
import template  # noqa: E402

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
LOADED = template.load(TEMPLATE)


def statement(broken: template.Template, role: str, sid: str) -> dict[str, Any]:
    """One statement of a role, to be changed in place."""
    document = broken.resources[role]["Properties"]["Policies"][0]["PolicyDocument"]
    return next(s for s in document["Statement"] if s["Sid"] == sid)


def properties(broken: template.Template, name: str) -> dict[str, Any]:
    """The properties of a resource, to be changed in place."""
    return broken.resources[name]["Properties"]


def product(broken: template.Template) -> dict[str, Any]:
    """The alarms about what the product does, to be changed in place."""
    return broken.nested["alarms/product.yaml"]["Resources"]


def alarm(broken: template.Template, name: str) -> dict[str, Any]:
    """The properties of one of them, to be changed in place."""
    return product(broken)[name]["Properties"]


Break = Callable[[template.Template], Any]

CASES: tuple[tuple[str, Break, str], ...] = (
    (
        "an unknown function",
        lambda t: properties(t, "WebFunction").update(FunctionName={"Fn::Sub": "numo-${Stage}-extra"}),
        "Function extra is in only one of template.yaml and infra/checks/expected.py.",
    ),
    (
        "a shared role",
        lambda t: properties(t, "WebFunction").update(Role={"Fn::GetAtt": ["MetaWebhookRole", "Arn"]}),
        "Functions meta-webhook and web share the role MetaWebhookRole.",
    ),
    (
        "a wide action",
        lambda t: statement(t, "WebRole", "UseTable").update(Action=["dynamodb:*"]),
        "Statement UseTable of WebRole allows the action dynamodb:*.",
    ),
    (
        "a bare resource",
        lambda t: statement(t, "WebRole", "ReadSecret").update(Resource="*"),
        "Statement ReadSecret of WebRole covers every resource.",
    ),
    (
        "archives that anybody may read",
        lambda t: properties(t, "ExportBucket")["PublicAccessBlockConfiguration"].update(BlockPublicPolicy=False),
        "Archives of exports may be made public.",
    ),
    (
        "archives under another key",
        lambda t: properties(t, "ExportBucket").update(
            BucketEncryption={
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            }
        ),
        "Archives of exports are not encrypted with the data key.",
    ),
    (
        "archives that stay",
        lambda t: properties(t, "ExportBucket")["LifecycleConfiguration"]["Rules"][0].update(ExpirationInDays=70),
        "Archives of exports are not gone after a week, and what is left of broken ones after a day.",
    ),
    (
        "archives without TLS",
        lambda t: properties(t, "ExportBucketPolicy")["PolicyDocument"].update(Statement=[]),
        "Archives of exports may be fetched without TLS.",
    ),
    (
        "a function that lists more than archives",
        lambda t: statement(t, "ErasureWorkerRole", "ListExports").pop("Condition"),
        "Statement ListExports of erasure-worker reaches more than archives of exports.",
    ),
    (
        "a function that writes archives without a reason",
        lambda t: statement(t, "WebRole", "ReadExports").update(Action=["s3:GetObject", "s3:PutObject"]),
        "Function web may do ['s3:GetObject', 's3:PutObject'] to archives of exports instead of what is expected.",
    ),
    (
        "a queue without dead letters",
        lambda t: properties(t, "PlanQueue").pop("RedrivePolicy"),
        "PlanQueue has no dead-letter queue.",
    ),
    (
        "a queue that never gives up",
        lambda t: properties(t, "PlanQueue")["RedrivePolicy"].update(maxReceiveCount=50),
        "PlanQueue does not give up after 5 receives.",
    ),
    (
        "dead letters that vanish",
        lambda t: properties(t, "PlanDeadLetterQueue").update(MessageRetentionPeriod=60),
        "PlanDeadLetterQueue does not keep its messages for 14 days.",
    ),
    (
        "what customers wrote, kept for longer",
        lambda t: properties(t, "MetaDeadLetterQueue").update(MessageRetentionPeriod=1209600),
        "MetaDeadLetterQueue does not keep its messages for 4 days.",
    ),
    (
        "dead letters without an alarm",
        lambda t: t.resources.pop("PlanQueueAlarms"),
        "PlanDeadLetterQueue has no alarm.",
    ),
    (
        "a queue that may fall behind unseen",
        lambda t: t.resources.pop("PlanQueueAlarms"),
        "PlanQueue has no alarm on its oldest message.",
    ),
    (
        "a short visibility",
        lambda t: properties(t, "SyncQueue").update(VisibilityTimeout=719),
        "SyncQueue hides messages for less than 6 x 120 s.",
    ),
    (
        "a mapping that fails whole batches",
        lambda t: properties(t, "MetaEventsMapping").pop("FunctionResponseTypes"),
        "The mapping of MetaQueue does not report failures per message.",
    ),
    (
        "a missing variable",
        lambda t: t.document["Globals"]["Function"]["Environment"]["Variables"].pop("NUMO_BUS"),
        "Function web lacks the variable NUMO_BUS.",
    ),
    (
        "a send that the policy refuses",
        lambda t: statement(t, "ScheduledSyncRole", "SendJobs").update(Action="sqs:ReceiveMessage"),
        "Function scheduled-sync sends to plan but its policy does not allow it.",
    ),
    (
        "a send that nobody needs",
        lambda t: statement(t, "MetaWebhookRole", "SendJobs").update(
            Resource=[{"Fn::GetAtt": ["MetaQueue", "Arn"]}, {"Fn::GetAtt": ["SyncQueue", "Arn"]}]
        ),
        "Function meta-webhook may send to sync but has no reason to.",
    ),
    (
        "a table statement without keys",
        lambda t: statement(t, "WebRole", "UseTable").pop("Condition"),
        "Statement UseTable of web names no dynamodb:LeadingKeys.",
    ),
    (
        "a function that reaches the vault",
        lambda t: statement(t, "MetaEventsRole", "UseTable")["Condition"]["ForAllValues:StringLike"].update(
            {"dynamodb:LeadingKeys": ["ORG#*", "AUDIT#*", "ROUTE#*", "VAULT#*"]}
        ),
        "Function meta-events reaches the keys ['AUDIT#*', 'ORG#*', 'ROUTE#*', 'VAULT#*'] of the table"
        " instead of those expected.",
    ),
    (
        "a function that deletes from the activity log",
        lambda t: statement(t, "WebRole", "DeleteItems")["Condition"]["ForAllValues:StringLike"][
            "dynamodb:LeadingKeys"
        ].append("AUDIT#*"),
        "Function web may change what is in an activity log: dynamodb:DeleteItem.",
    ),
    (
        "a deletion without a reason",
        lambda t: statement(t, "PartnerWebhookRole", "FindWhatIsKept")["Condition"]["ForAllValues:StringLike"][
            "dynamodb:LeadingKeys"
        ].append("ROUTE#*"),
        "Function partner-webhook may delete ['ORG#*', 'ROUTE#*', 'SEAT#*'] instead of what is expected.",
    ),
    (
        "a listing without a reason",
        lambda t: statement(t, "WebRole", "QueryItems")["Condition"]["ForAllValues:StringLike"][
            "dynamodb:LeadingKeys"
        ].append("VAULT#*"),
        "Function web may list ['AUDIT#*', 'FORGET#*', 'ORG#*', 'VAULT#*'] instead of what is expected.",
    ),
    (
        "a check without a reason",
        lambda t: statement(t, "OauthCallbackRole", "QueryItems").update(
            Action=["dynamodb:Query", "dynamodb:ConditionCheckItem"]
        ),
        "Function oauth-callback may check ['ORG#*'] instead of what is expected.",
    ),
    (
        "a transaction whose parts are in two statements",
        lambda t: statement(t, "ErasureWorkerRole", "EraseItems").update(
            Action=["dynamodb:DeleteItem", "dynamodb:PutItem"],
        ),
        "Function erasure-worker has dynamodb:PutItem in several statements: PutItems, EraseItems.",
    ),
    (
        "an index that a function has no use for",
        lambda t: statement(t, "MetaEventsRole", "QueryOpenInvoices").update(
            Resource={"Fn::Sub": "${Table.Arn}/index/GSI1"}
        ),
        "Function meta-events may query GSI1 but has no reason to.",
    ),
    (
        "due work in the hands of a function that shows pages",
        lambda t: statement(t, "WebRole", "QueryInvoicesByDueDate")["Condition"]["ForAllValues:StringLike"].update(
            {"dynamodb:LeadingKeys": ["DUE#*"]}
        ),
        "Function web reaches the keys ['DUE#*'] of GSI1 instead of OPENDUE#*.",
    ),
    (
        "an index read as a whole",
        lambda t: statement(t, "WebRole", "QueryOpenInvoices")["Condition"]["ForAllValues:StringLike"].update(
            {"dynamodb:LeadingKeys": ["*"]}
        ),
        "Function web reaches the keys ['*'] of GSI2 instead of OPEN#*.",
    ),
    (
        "a function that uses the vault key",
        lambda t: statement(t, "DueSweeperRole", "SendJobs").update(
            Resource={"Fn::GetAtt": ["VaultKey", "Arn"]}
        ),
        "Function due-sweeper differs from infra/checks/expected.py in its use of the vault key.",
    ),
    (
        "a vault key that takes any context",
        lambda t: properties(t, "VaultKey")["KeyPolicy"]["Statement"].pop(2),
        "The vault key does not demand grant in the encryption context on AWS.",
    ),
    (
        "a local deployment by default",
        lambda t: t.document["Parameters"]["LocalStack"].update(Default="true"),
        "The parameter LocalStack is not false by default.",
    ),
    (
        "backups of a week",
        lambda t: properties(t, "Table")["PointInTimeRecoverySpecification"].update(RecoveryPeriodInDays=7),
        "The table does not keep exactly 30 days of point-in-time recovery.",
    ),
    (
        "a table that can be deleted",
        lambda t: t.document["Parameters"]["DeletionProtection"].update(Default="false"),
        "The table is not protected from deletion by default.",
    ),
    (
        "a table under a shared key",
        lambda t: properties(t, "Table")["SSESpecification"].pop("KMSMasterKeyId"),
        "The table is not encrypted with the data key.",
    ),
    (
        "a journal that goes with the stack",
        lambda t: t.resources["JournalTable"].pop("DeletionPolicy"),
        "The journal is not protected from deletion.",
    ),
    (
        "a journal under a shared key",
        lambda t: properties(t, "JournalTable")["SSESpecification"].pop("KMSMasterKeyId"),
        "The journal is not encrypted with the data key.",
    ),
    (
        "a journal that never forgets",
        lambda t: properties(t, "JournalTable").pop("TimeToLiveSpecification"),
        "The journal's entries do not expire by the attribute ttl.",
    ),
    (
        "items that never expire",
        lambda t: properties(t, "Table").pop("TimeToLiveSpecification"),
        "The table's items do not expire by the attribute ttl.",
    ),
    (
        "deliveries in the clear",
        lambda t: properties(t, "MetaDeadLetterQueue").pop("KmsMasterKeyId"),
        "MetaDeadLetterQueue is not encrypted with the data key.",
    ),
    (
        "deliveries kept for a week",
        lambda t: properties(t, "MetaQueue").update(MessageRetentionPeriod=7 * 86_400),
        "MetaQueue keeps deliveries for more than 4 days.",
    ),
    (
        "mails from any address",
        lambda t: statement(t, "ReminderPlannerRole", "SendMails").pop("Condition"),
        "Function reminder-planner may send mails from any address.",
    ),
    (
        "mails with anything",
        lambda t: statement(t, "ReminderPlannerRole", "SendMails").update(Resource="*"),
        "Function reminder-planner may send mails with more than identities.",
    ),
    (
        "a function that should not mail",
        lambda t: statement(t, "WebRole", "SendJobs").update(Action="ses:SendEmail"),
        "Function web differs from infra/checks/expected.py in its use of mail.",
    ),
    (
        "a function that fails in silence",
        lambda t: t.resources.pop("WebAlarms"),
        "Function web has no alarm on errors.",
    ),
    (
        "a function that runs into its end",
        lambda t: properties(t, "WebFunction").update(Timeout=20),
        "The alarm on the duration of web is not at nine tenths of its time.",
    ),
    (
        "an alarm that tells the wrong people",
        lambda t: alarm(t, "TokenWriteFailed").update(AlarmDescription=alarm(t, "TokenWriteLost")["AlarmDescription"]),
        "The alarm token-write-failed does not tell whom its description says.",
    ),
    (
        "an alarm that nobody knows what to do about",
        lambda t: alarm(t, "TokenWriteLost").update(AlarmDescription="Morning: lost. docs/runbook.md#nowhere"),
        "The alarm token-write-lost is not in the entry nowhere of the runbook.",
    ),
    (
        "an entry about an alarm that is gone",
        lambda t: product(t).pop("TokenWriteLost"),
        "The entry a-renewed-token-set-was-lost of the runbook is about token-write-lost, which is no alarm.",
    ),
    (
        "an alarm on what nobody counts",
        lambda t: alarm(t, "TokenWriteLost").update(MetricName="token_lost"),
        "Nothing counts token_lost.",
    ),
    (
        "an alarm by a dimension that its metric has not",
        lambda t: alarm(t, "SendUnknown")["Dimensions"].pop(),
        "reminders is counted by ['outcome', 'stage'] and not by ['stage'].",
    ),
    (
        "an alarm on an outcome that never comes",
        lambda t: alarm(t, "SenderBlocked")["Dimensions"][1].update(Value="sender_barred"),
        "Nothing has the outcome sender_barred.",
    ),
    (
        "an alarm on what AWS does not count",
        lambda t: t.nested["alarms/function.yaml"]["Resources"]["Errors"]["Properties"].update(MetricName="Failures"),
        "AWS counts no Failures of AWS/Lambda by ['FunctionName'].",
    ),
    (
        "a ledger whose webhook may fall silent",
        lambda t: alarm(t, "IntuitWebhookSilent").update(TreatMissingData="notBreaching"),
        "Nothing raises an alarm when the webhook of quickbooks falls silent.",
    ),
    (
        "updates of two organisations that nobody hears of",
        lambda t: product(t).pop("WebhookMismatch"),
        "The first webhook_mismatch raises no alarm.",
    ),
    (
        "a restored table that nobody hears of",
        lambda t: product(t).pop("RestoredTable"),
        "The first restored_table raises no alarm.",
    ),
    (
        "an alarm that waits for more",
        lambda t: alarm(t, "TokenWriteFailed").update(Threshold=5),
        "The first token_write_failed raises no alarm.",
    ),
    (
        "a queue that wakes every version at once",
        lambda t: properties(t, "MetaEventsMapping").update(FunctionName={"Ref": "MetaEventsFunction"}),
        "MetaEventsMapping calls a function past its alias.",
    ),
    (
        "a deployment that goes on whatever happens",
        lambda t: properties(t, "WebFunction").pop("DeploymentPreference"),
        "A deployment of web does not go back by its alarm on errors.",
    ),
    (
        "a webhook without a limit",
        lambda t: properties(t, "ApiStage")["RouteSettings"].pop("POST /webhooks/meta"),
        "The route POST /webhooks/meta has no limit of its own.",
    ),
    (
        "a limit for a route that comes later",
        lambda t: t.resources["ApiStage"]["DependsOn"].remove("XeroDeliveryRoute"),
        "The stage may be made before its route POST /webhooks/xero.",
    ),
    (
        "a limit for no route",
        lambda t: properties(t, "ApiStage")["RouteSettings"].update({"GET /nowhere": {}}),
        "A limit is for GET /nowhere, which is no route.",
    ),
    (
        "an access log with addresses of people",
        lambda t: properties(t, "ApiStage")["AccessLogSettings"].update(Format='{"ip":"$context.identity.sourceIp"}'),
        "The access log has $context.identity.sourceIp.",
    ),
    (
        "an access log that is kept for ever",
        lambda t: properties(t, "AccessLogGroup").pop("RetentionInDays"),
        "There is no access log that is kept for 30 days.",
    ),
    (
        "syncs without a bound",
        lambda t: properties(t, "ScheduledSyncMapping").pop("ScalingConfig"),
        "More than 20 syncs may run at once.",
    ),
    (
        "dispatches that wait for each other",
        lambda t: properties(t, "ReminderDispatchMapping").update(ScalingConfig={"MaximumConcurrency": 20}),
        "Not between 100 and 150 dispatches may run at once.",
    ),
    (
        "dispatches without a bound",
        lambda t: properties(t, "ReminderDispatchMapping").pop("ScalingConfig"),
        "Not between 100 and 150 dispatches may run at once.",
    ),
    (
        "messages that share an invocation",
        lambda t: properties(t, "MetaEventsMapping").pop("BatchSize"),
        "MetaEventsMapping hands out several messages at once.",
    ),
    (
        "a dispatch with too little processor time",
        lambda t: properties(t, "ReminderDispatchFunction").pop("MemorySize"),
        "A dispatch has less than 1024 MB.",
    ),
    (
        "an address that people are not told of",
        lambda t: t.document["Parameters"]["MetaGraphBase"].update(Default="https://graph.other.example"),
        "Parameter MetaGraphBase leads to graph.other.example, but infra/processors.json says graph.facebook.com.",
    ),
    (
        "a service that people are not told of",
        lambda t: statement(t, "WebRole", "ReadSecret").update(Action=["sns:Publish"]),
        "The service sns is in only one of the functions' roles and infra/processors.json.",
    ),
    (
        "logs kept for ever",
        lambda t: properties(t, "WebLogGroup").pop("RetentionInDays"),
        "The logs of web are not kept for 30 days.",
    ),
)


class Runbook(unittest.TestCase):
    def test_an_entry_without_alarms_or_parts_is_found(self) -> None:
        text = "## Something's wrong\n\n- **Meaning:** x\n- **Fix:** y\n"
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(runbook, "RUNBOOK", Path(folder) / "runbook.md"):
            runbook.RUNBOOK.write_text(text)
            runbook._texts.cache_clear()
            self.addCleanup(runbook._texts.cache_clear)
            found = rules.findings(template.load(TEMPLATE))
        expected = [
            "The entry somethings-wrong of the runbook is about no alarm.",
            "The entry somethings-wrong of the runbook does not say: First look.",
            "The entry somethings-wrong of the runbook does not say: Verify.",
        ]
        self.assertEqual([sentence for sentence in found if sentence.startswith("The entry")], expected)


class Rules(unittest.TestCase):
    def test_the_template_itself_is_sound(self) -> None:
        self.assertEqual(rules.findings(template.load(TEMPLATE)), [])

    def test_every_break_is_found(self) -> None:
        for name, apply, sentence in CASES:
            with self.subTest(name):
                broken = copy.deepcopy(LOADED)
                apply(broken)
                self.assertIn(sentence, rules.findings(broken))


if __name__ == "__main__":
    unittest.main()
