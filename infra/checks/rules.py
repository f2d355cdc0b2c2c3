"""Template rules that cfn-lint does not know; each yields one sentence per finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Iterator
from urllib.parse import urlsplit

import expected
import metrics
import runbook
from template import Template, as_list, attribute_of, dimensions_of, metrics_of

Rule = Callable[[Template], Iterator[str]]

# Everybody whom data reaches, as the privacy page shows them.
PROCESSORS = Path(__file__).resolve().parents[1] / "processors.json"


def functions_are_known(template: Template) -> Iterator[str]:
    """The checks know every function and every function exists."""
    for name in sorted(set(template.functions()) ^ set(expected.SENDS)):
        yield f"Function {name} is in only one of template.yaml and infra/checks/expected.py."


def one_role_per_function(template: Template) -> Iterator[str]:
    """No two functions share a role."""
    seen: dict[str, str] = {}
    for name, function in template.functions().items():
        role = attribute_of(function["Role"])
        if role in seen:
            yield f"Functions {seen[role]} and {name} share the role {role}."
        seen[role] = name


def no_wide_statements(template: Template) -> Iterator[str]:
    """No `*` action and no bare `*` resource but the explained ones."""
    for owner, document in template.documents():
        for statement in _plain(document["Statement"]):
            sid = statement.get("Sid", "without Sid")
            for action in as_list(statement.get("Action", [])):
                if action.endswith("*") and sid not in expected.WIDE_ACTIONS:
                    yield f"Statement {sid} of {owner} allows the action {action}."
            if "*" in as_list(statement.get("Resource", [])) and sid not in expected.BARE_RESOURCES:
                yield f"Statement {sid} of {owner} covers every resource."


def queues_have_dead_letters(template: Template) -> Iterator[str]:
    """Every working queue redrives to a queue that raises an alarm and keeps letters 14 days, those of customers 4."""
    queues = template.of_type("AWS::SQS::Queue")
    alarmed = _alarmed(template, "QueueName")
    for name, queue in queues.items():
        queue_name = queue["QueueName"]["Fn::Sub"]
        if name.endswith("DeadLetterQueue"):
            # Letters of Meta have what customers wrote.
            days = 4 if name == "MetaDeadLetterQueue" else 14
            if queue["MessageRetentionPeriod"] != days * 86_400:
                yield f"{name} does not keep its messages for {days} days."
            if (queue_name, "ApproximateNumberOfMessagesVisible") not in alarmed:
                yield f"{name} has no alarm."
            continue
        if (queue_name, "ApproximateAgeOfOldestMessage") not in alarmed:
            yield f"{name} has no alarm on its oldest message."
        if "RedrivePolicy" not in queue:
            yield f"{name} has no dead-letter queue."
        elif queue["RedrivePolicy"]["maxReceiveCount"] != 5:
            yield f"{name} does not give up after 5 receives."


def visibility_covers_retries(template: Template) -> Iterator[str]:
    """A queue hides a message for at least six times its consumer's timeout."""
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping").values():
        queue = attribute_of(mapping["EventSourceArn"])
        function = template.resources[mapping["FunctionName"]["Ref"].removesuffix(".Alias")]["Properties"]
        if template.resources[queue]["Properties"]["VisibilityTimeout"] < 6 * function["Timeout"]:
            yield f"{queue} hides messages for less than 6 x {function['Timeout']} s."
        if "ReportBatchItemFailures" not in mapping.get("FunctionResponseTypes", []):
            yield f"The mapping of {queue} does not report failures per message."


def environment_is_complete(template: Template) -> Iterator[str]:
    """Every function gets every variable it reads."""
    for name, function in template.functions().items():
        present = template.environment(function)
        for variable in expected.ENVIRONMENT:
            if variable not in present:
                yield f"Function {name} lacks the variable {variable}."


def sends_match_policies(template: Template) -> Iterator[str]:
    """The queues that a function sends to are those its policy names."""
    for name, function in template.functions().items():
        allowed = {
            attribute_of(resource).removesuffix("Queue").lower()
            for statement in _with_action(template, function, "sqs:SendMessage")
            for resource in as_list(statement["Resource"])
        }
        for queue in sorted(expected.SENDS.get(name, set()) - allowed):
            yield f"Function {name} sends to {queue} but its policy does not allow it."
        for queue in sorted(allowed - expected.SENDS.get(name, set())):
            yield f"Function {name} may send to {queue} but has no reason to."


TABLE = {"Fn::GetAtt": ["Table", "Arn"]}

# Actions of calls that name several items.
TOGETHER = ("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem")

JOURNAL = {"Fn::GetAtt": ["JournalTable", "Arn"]}


def table_statements_name_leading_keys(template: Template) -> Iterator[str]:
    """Table access is limited to the partition keys that a function needs."""
    for name, function in template.functions().items():
        keys: set[str] = set()
        for statement in template.statements(function):
            if not any(action.startswith("dynamodb:") for action in as_list(statement["Action"])):
                continue
            patterns = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
            if not patterns:
                yield f"Statement {statement['Sid']} of {name} names no dynamodb:LeadingKeys."
            elif statement["Resource"] == JOURNAL:
                if name not in expected.JOURNAL_WRITERS or statement["Action"] != "dynamodb:PutItem":
                    yield f"Function {name} may do more to the journal than write what it has reason to."
            elif index := _index(statement["Resource"]):
                yield from _index_findings(name, index, set(patterns))
            else:
                keys |= set(patterns)
        if keys != expected.LEADING_KEYS.get(name, set()):
            yield f"Function {name} reaches the keys {sorted(keys)} of the table instead of those expected."


def together_means_one_statement(template: Template) -> Iterator[str]:
    """What one call may bring under several keys is allowed by one statement.

    A batch is decided about with all of its keys at once, and no statement names those of another; a transaction is held
    to the same, so that it goes through whether its parts are looked at one by one or together.
    """
    for name, function in template.functions().items():
        for action in TOGETHER:
            sids = [s["Sid"] for s in _with_action(template, function, action) if s["Resource"] == TABLE]
            if len(sids) > 1:
                yield f"Function {name} has {action} in several statements: {', '.join(sids)}."


def activity_is_append_only(template: Template) -> Iterator[str]:
    """No function may delete or update what is in an activity log, but those that erase an organisation."""
    for name, function in template.functions().items():
        for action in ("dynamodb:DeleteItem", "dynamodb:UpdateItem"):
            for statement in _with_action(template, function, action):
                condition = statement.get("Condition", {}).get("ForAllValues:StringLike", {})
                keys = as_list(condition.get("dynamodb:LeadingKeys", []))
                if any(key.startswith("AUDIT") for key in keys) and name not in expected.ERASERS:
                    yield f"Function {name} may change what is in an activity log: {action}."


def keys_have_a_reason(template: Template) -> Iterator[str]:
    """A function deletes, lists and checks under the partition keys alone that it has a reason to."""
    checks = dict.fromkeys(expected.CHECKERS, {"ORG#*"})
    for name, function in template.functions().items():
        for verb, action, reasons in (
            ("delete", "dynamodb:DeleteItem", expected.DELETES),
            ("list", "dynamodb:Query", expected.QUERIES),
            ("check", "dynamodb:ConditionCheckItem", checks),
        ):
            keys = {
                key
                for statement in _with_action(template, function, action)
                if statement["Resource"] == TABLE
                for key in statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            }
            if keys != reasons.get(name, set()):
                yield f"Function {name} may {verb} {sorted(keys)} instead of what is expected."


def vault_key_is_used_by_few(template: Template) -> Iterator[str]:
    """Only functions that handle tokens may use the vault key."""
    users = {
        name
        for name, function in template.functions().items()
        for statement in template.statements(function)
        if "VaultKey" in [attribute_of(r) for r in as_list(statement["Resource"]) if _is_attribute(r)]
    }
    for name in sorted(users ^ expected.VAULT_USERS):
        yield f"Function {name} differs from infra/checks/expected.py in its use of the vault key."


def vault_key_demands_context(template: Template) -> Iterator[str]:
    """On AWS the vault key refuses calls that lack a part of the encryption context."""
    statements = template.resources["VaultKey"]["Properties"]["KeyPolicy"]["Statement"]
    on_aws = [s["Fn::If"][2] for s in statements if s.get("Fn::If", [""])[0] == "IsLocal"]
    denied = [s for s in on_aws if s.get("Effect") == "Deny" and s.get("Principal") == "*"]
    demanded = {
        key
        for statement in denied
        if {"kms:Decrypt", "kms:GenerateDataKey"} <= set(as_list(statement["Action"]))
        for key, value in statement["Condition"].get("Null", {}).items()
        if value == "true"
    }
    for part in expected.VAULT_CONTEXT:
        if f"kms:EncryptionContext:{part}" not in demanded:
            yield f"The vault key does not demand {part} in the encryption context on AWS."
    default = template.document["Parameters"]["LocalStack"].get("Default")
    if default != "false":
        yield "The parameter LocalStack is not false by default."


def mails_come_from_one_address(template: Template) -> Iterator[str]:
    """On AWS only those who mail people may, and only from the stage's address."""
    for name, function in template.functions().items():
        allowed = _with_action(template, function, "ses:SendEmail")
        if bool(allowed) != (name in expected.MAILERS):
            yield f"Function {name} differs from infra/checks/expected.py in its use of mail."
        for statement in allowed:
            resource, condition = (_on_aws(statement.get(part)) for part in ("Resource", "Condition"))
            if condition != {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}}:
                yield f"Function {name} may send mails from any address."
            if "identity/" not in str(resource):
                yield f"Function {name} may send mails with more than identities."


def table_is_protected(template: Template) -> Iterator[str]:
    """Backups of 30 days, deletion protection, a key of its own and expiry."""
    table = template.resources["Table"]["Properties"]
    recovery = table.get("PointInTimeRecoverySpecification", {})
    if recovery.get("PointInTimeRecoveryEnabled") is not True or recovery.get("RecoveryPeriodInDays") != 30:
        yield "The table does not keep exactly 30 days of point-in-time recovery."
    protection = template.document["Parameters"].get("DeletionProtection", {}).get("Default")
    if table.get("DeletionProtectionEnabled") != {"Ref": "DeletionProtection"} or protection != "true":
        yield "The table is not protected from deletion by default."
    if table.get("SSESpecification", {}).get("KMSMasterKeyId") != {"Fn::GetAtt": ["DataKey", "Arn"]}:
        yield "The table is not encrypted with the data key."
    if table.get("TimeToLiveSpecification") != {"AttributeName": "ttl", "Enabled": True}:
        yield "The table's items do not expire by the attribute ttl."


def journal_is_protected(template: Template) -> Iterator[str]:
    """The journal outlives the table, is encrypted like it, and forgets."""
    journal = template.resources["JournalTable"]
    properties = journal["Properties"]
    if journal.get("DeletionPolicy") != "Retain" or properties.get("DeletionProtectionEnabled") != {
        "Ref": "DeletionProtection"
    }:
        yield "The journal is not protected from deletion."
    if properties.get("SSESpecification", {}).get("KMSMasterKeyId") != {"Fn::GetAtt": ["DataKey", "Arn"]}:
        yield "The journal is not encrypted with the data key."
    if properties.get("TimeToLiveSpecification") != {"AttributeName": "ttl", "Enabled": True}:
        yield "The journal's entries do not expire by the attribute ttl."


def exports_are_guarded(template: Template) -> Iterator[str]:
    """Archives are encrypted with our key, reached by TLS alone, never public, gone after a week, and of few functions."""
    bucket = template.resources["ExportBucket"]["Properties"]
    encryption = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"][0]["ServerSideEncryptionByDefault"]
    if encryption != {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Fn::GetAtt": ["DataKey", "Arn"]}}:
        yield "Archives of exports are not encrypted with the data key."
    blocked = bucket["PublicAccessBlockConfiguration"]
    if len(blocked) != 4 or not all(blocked.values()):
        yield "Archives of exports may be made public."
    for rule in bucket["LifecycleConfiguration"]["Rules"]:
        kept = (rule["Prefix"], rule["ExpirationInDays"], rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"])
        if rule["Status"] != "Enabled" or kept != ("exports/", 7, 1):
            yield "Archives of exports are not gone after a week, and what is left of broken ones after a day."
    policy = template.resources["ExportBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    if not any(s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in policy):
        yield "Archives of exports may be fetched without TLS."
    for name, function in template.functions().items():
        allowed: set[str] = set()
        for statement in template.statements(function):
            actions = {action for action in as_list(statement["Action"]) if action.startswith("s3:")}
            allowed |= actions
            of_objects = statement["Resource"] == {"Fn::Sub": "${ExportBucket.Arn}/exports/*"}
            of_prefix = statement.get("Condition") == {"StringLike": {"s3:prefix": "exports/*"}}
            if actions and not of_objects and not of_prefix:
                yield f"Statement {statement['Sid']} of {name} reaches more than archives of exports."
        if allowed != expected.EXPORTS.get(name, set()):
            yield f"Function {name} may do {sorted(allowed)} to archives of exports instead of what is expected."


def meta_queue_is_guarded(template: Template) -> Iterator[str]:
    """Raw deliveries are encrypted with our key and live at most 4 days in the queue."""
    for name in ("MetaQueue", "MetaDeadLetterQueue"):
        if template.resources[name]["Properties"].get("KmsMasterKeyId") != {"Ref": "DataKey"}:
            yield f"{name} is not encrypted with the data key."
    if template.resources["MetaQueue"]["Properties"]["MessageRetentionPeriod"] > 4 * 86_400:
        yield "MetaQueue keeps deliveries for more than 4 days."


def functions_are_watched(template: Template) -> Iterator[str]:
    """Every function has alarms on errors, throttling and nine tenths of its time, and a log group that forgets."""
    watched = _alarmed(template, "FunctionName")
    for name, function in template.functions().items():
        for metric, what in (("Errors", "errors"), ("Throttles", "throttling"), ("Duration", "its duration")):
            if (function["FunctionName"]["Fn::Sub"], metric) not in watched:
                yield f"Function {name} has no alarm on {what}."
        limit = watched.get((function["FunctionName"]["Fn::Sub"], "Duration"), {}).get("Threshold")
        if limit not in (None, function["Timeout"] * 900):
            yield f"The alarm on the duration of {name} is not at nine tenths of its time."
        group = template.resources[function["LoggingConfig"]["LogGroup"]["Ref"]]["Properties"]
        if group.get("RetentionInDays") != 30:
            yield f"The logs of {name} are not kept for 30 days."


def ledger_webhooks_are_watched(template: Template) -> Iterator[str]:
    """A day without a webhook of a ledger raises an alarm where one is expected."""
    silent = {
        dimensions_of(alarm)["provider"]: alarm
        for alarm in template.alarms()
        if alarm.get("MetricName") == "ledger_webhook"
    }
    for provider in expected.LEDGERS:
        missing = silent.get(provider, {}).get("TreatMissingData")
        if missing != {"Fn::If": ["ExpectsLedgerWebhooks", "breaching", "notBreaching"]}:
            yield f"Nothing raises an alarm when the webhook of {provider} falls silent."


def single_events_raise_alarms(template: Template) -> Iterator[str]:
    """What must never happen raises an alarm the first time, whatever organisation it is about."""
    alarms = {alarm["MetricName"]: alarm for alarm in template.alarms() if alarm.get("Namespace") == "Numo"}
    for metric in expected.ALARMING_METRICS:
        alarm = alarms.get(metric, {})
        dimensions = list(dimensions_of(alarm))
        if alarm.get("Threshold") != 1 or alarm.get("Statistic") != "Sum" or dimensions != ["stage"]:
            yield f"The first {metric} raises no alarm."


def alarms_go_by_what_is_counted(template: Template) -> Iterator[str]:
    """Every metric of an alarm and of the dashboard is one that the code counts, by those dimensions, or that AWS does."""
    counted = metrics.counted()
    seen = [metric for alarm in template.alarms() for metric in metrics_of(alarm)]
    for metric in [*seen, *metrics.shown(template)]:
        namespace, name, dimensions = metric["Namespace"], metric["MetricName"], dimensions_of(metric)
        if namespace != "Numo":
            if set(dimensions) not in expected.AWS_METRICS.get(namespace, {}).get(name, ()):
                yield f"AWS counts no {name} of {namespace} by {sorted(dimensions)}."
        elif name not in counted:
            yield f"Nothing counts {name}."
        elif counted[name] != set(dimensions):
            yield f"{name} is counted by {sorted(counted[name])} and not by {sorted(dimensions)}."
        elif "outcome" in dimensions and not metrics.is_outcome(dimensions["outcome"]):
            yield f"Nothing has the outcome {dimensions['outcome']}."


def alarms_say_what_to_do(template: Template) -> Iterator[str]:
    """Every alarm says how urgent it is, tells the topic for that, and is in the entry of the runbook that it names."""
    entries = runbook.entries()
    alarms = {alarm["AlarmName"]["Fn::Sub"].removeprefix("numo-${Stage}-"): alarm for alarm in template.alarms()}
    for name, alarm in alarms.items():
        urgency, _, rest = alarm["AlarmDescription"].partition(": ")
        entry = rest.rpartition(" docs/runbook.md#")[2]
        topic = {"Page": "AlarmTopicArn", "Morning": "MorningTopicArn"}.get(urgency)
        if alarm.get("AlarmActions", {}).get("Fn::If", [None, []])[1] != [{"Ref": topic}]:
            yield f"The alarm {name} does not tell whom its description says."
        if name not in entries.get(entry, ()):
            yield f"The alarm {name} is not in the entry {entry} of the runbook."
    for entry, listed in entries.items():
        for name in sorted(listed - {*alarms, *_budgets(template)}):
            yield f"The entry {entry} of the runbook is about {name}, which is no alarm."
        if not listed:
            yield f"The entry {entry} of the runbook is about no alarm."
        for part in runbook.missing_parts(entry):
            yield f"The entry {entry} of the runbook does not say: {part}."


def calls_are_throttled(template: Template) -> Iterator[str]:
    """Every route that strangers call without a session has a limit of its own."""
    stage = template.resources["ApiStage"]
    limits = stage["Properties"].get("RouteSettings", {})
    routes = {route["RouteKey"]: name for name, route in template.of_type("AWS::ApiGatewayV2::Route").items()}
    for key, name in routes.items():
        own = key in limits
        if not own and key not in expected.UNLIMITED_ROUTES:
            yield f"The route {key} has no limit of its own."
        if own and name not in stage.get("DependsOn", []):
            yield f"The stage may be made before its route {key}."
    for key in sorted(set(limits) - set(routes)):
        yield f"A limit is for {key}, which is no route."


def access_logs_tell_of_nobody(template: Template) -> Iterator[str]:
    """The access log has what is listed, which is nothing about a person, and is kept for 30 days."""
    log = template.resources["ApiStage"]["Properties"].get("AccessLogSettings", {})
    fields = set(json.loads(log.get("Format", "{}")).values())
    for field in sorted(fields - expected.ACCESS_LOG_FIELDS):
        yield f"The access log has {field}."
    if not fields or template.resources["AccessLogGroup"]["Properties"].get("RetentionInDays") != 30:
        yield "There is no access log that is kept for 30 days."


def callers_go_through_the_alias(template: Template) -> Iterator[str]:
    """Whatever calls a function calls its alias, or a deployment would reach it at once; each goes back by its own alarm."""
    places = {
        **{name: p["FunctionName"] for name, p in template.of_type("AWS::Lambda::EventSourceMapping").items()},
        **{name: p["FunctionName"] for name, p in template.of_type("AWS::Lambda::Permission").items()},
        **{name: p["IntegrationUri"] for name, p in template.of_type("AWS::ApiGatewayV2::Integration").items()},
        **{name: p["Target"]["Arn"] for name, p in template.of_type("AWS::Scheduler::Schedule").items()},
    }
    for name, called in places.items():
        if not called.get("Ref", "").endswith("Function.Alias"):
            yield f"{name} calls a function past its alias."
    for name, function in template.functions().items():
        stack = f"{template.logical_id(name).removesuffix('Function')}Alarms"
        alarms = function.get("DeploymentPreference", {}).get("Alarms")
        if alarms != [{"Fn::GetAtt": [stack, "Outputs.Errors"]}]:
            yield f"A deployment of {name} does not go back by its alarm on errors."


def syncs_are_bounded(template: Template) -> Iterator[str]:
    """Syncs of all organisations together stay within Xero's limit for our app."""
    at_once = template.resources["ScheduledSyncMapping"]["Properties"].get("ScalingConfig", {}).get("MaximumConcurrency")
    if at_once is None or at_once > expected.SYNCS_AT_ONCE:
        yield f"More than {expected.SYNCS_AT_ONCE} syncs may run at once."


def dispatches_run_side_by_side(template: Template) -> Iterator[str]:
    """Organisations send at the same time, each with the processor time that takes."""
    mapping = template.resources["ReminderDispatchMapping"]["Properties"]
    least, most = expected.DISPATCHES_AT_ONCE
    if not least <= mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) <= most:
        yield f"Not between {least} and {most} dispatches may run at once."
    if template.resources["ReminderDispatchFunction"]["Properties"].get("MemorySize", 0) < expected.DISPATCH_MEMORY:
        yield f"A dispatch has less than {expected.DISPATCH_MEMORY} MB."


def a_message_has_an_invocation_of_its_own(template: Template) -> Iterator[str]:
    """A process that ends in the middle of a message, by a panic or for want of memory, takes no other along."""
    for name, mapping in template.of_type("AWS::Lambda::EventSourceMapping").items():
        if mapping.get("BatchSize") != 1:
            yield f"{name} hands out several messages at once."


def nothing_else_is_reached(template: Template) -> Iterator[str]:
    """Every address and every AWS service that functions use is of a processor that people are told of."""
    hosts: dict[str, str] = {}
    services: set[str] = set()
    for processor in json.loads(PROCESSORS.read_text())["processors"]:
        hosts.update((parameter, host) for host, parameter in processor.get("hosts", {}).items())
        services.update(processor.get("services", []))
    for name, parameter in template.document["Parameters"].items():
        default = str(parameter.get("Default", ""))
        host = urlsplit(default).hostname if default.startswith("https://") else None
        if host != hosts.get(name):
            yield f"Parameter {name} leads to {host}, but infra/processors.json says {hosts.get(name)}."
    used = {
        action.partition(":")[0]
        for function in template.functions().values()
        for statement in _plain(template.statements(function))
        for action in as_list(statement["Action"])
    }
    for service in sorted(used ^ services):
        yield f"The service {service} is in only one of the functions' roles and infra/processors.json."


RULES: tuple[Rule, ...] = (
    functions_are_known,
    one_role_per_function,
    no_wide_statements,
    queues_have_dead_letters,
    visibility_covers_retries,
    environment_is_complete,
    sends_match_policies,
    table_statements_name_leading_keys,
    together_means_one_statement,
    activity_is_append_only,
    keys_have_a_reason,
    vault_key_is_used_by_few,
    vault_key_demands_context,
    mails_come_from_one_address,
    table_is_protected,
    journal_is_protected,
    exports_are_guarded,
    meta_queue_is_guarded,
    a_message_has_an_invocation_of_its_own,
    functions_are_watched,
    ledger_webhooks_are_watched,
    single_events_raise_alarms,
    alarms_go_by_what_is_counted,
    alarms_say_what_to_do,
    calls_are_throttled,
    callers_go_through_the_alias,
    access_logs_tell_of_nobody,
    syncs_are_bounded,
    dispatches_run_side_by_side,
    nothing_else_is_reached,
)


def findings(template: Template) -> list[str]:
    """What every rule has to say, nothing for a sound template."""
    return [sentence for rule in RULES for sentence in rule(template)]


def _index_findings(function: str, index: str, patterns: set[str]) -> Iterator[str]:
    pattern = expected.INDEXES[index].get(function)
    if pattern is None:
        yield f"Function {function} may query {index} but has no reason to."
    elif patterns != {pattern}:
        yield f"Function {function} reaches the keys {sorted(patterns)} of {index} instead of {pattern}."


def _plain(statements: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Statements, those behind a condition included."""
    for statement in statements:
        branches = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
        yield from (branch for branch in branches if "Effect" in branch)


def _alarmed(template: Template, dimension: str) -> dict[tuple[str, str], dict[str, Any]]:
    """The last alarm by the value of a dimension and the name of the metric, of alarms on one metric."""
    alarms = [alarm for alarm in template.alarms() if "MetricName" in alarm]
    return {
        (dimensions_of(alarm)[dimension], alarm["MetricName"]): alarm
        for alarm in alarms
        if dimension in dimensions_of(alarm)
    }


def _budgets(template: Template) -> set[str]:
    return {
        resource["Properties"]["Budget"]["BudgetName"]["Fn::Sub"].removeprefix("numo-${Stage}-")
        for document, _ in template.stacks()
        for resource in document["Resources"].values()
        if resource["Type"] == "AWS::Budgets::Budget"
    }


def _with_action(template: Template, function: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [s for s in template.statements(function) if action in as_list(s["Action"])]


def _on_aws(value: Any) -> Any:
    """What stands on AWS, where the local stack has something else."""
    return value["Fn::If"][2] if isinstance(value, dict) and value.get("Fn::If", [""])[0] == "IsLocal" else value


def _index(resource: Any) -> str | None:
    text = resource.get("Fn::Sub", "") if isinstance(resource, dict) else str(resource)
    return text.rpartition("/index/")[2] if "/index/" in text else None


def _is_attribute(resource: Any) -> bool:
    return isinstance(resource, dict) and "Fn::GetAtt" in resource
