"""What each function may touch; the template must say exactly the same."""

from __future__ import annotations

# Partition key patterns per function, on the table itself.
LEADING_KEYS: dict[str, set[str]] = {
    "oauth-callback": {"ORG#*", "AUDIT#*", "VAULT#*", "STATE#*", "ROUTE#*", "FORGET#*"},
    "due-sweeper": {"ORG#*", "GATE#*"},
    "scheduled-sync": {"ORG#*", "VAULT#*", "AUDIT#*", "GATE#*", "ROUTE#*", "PAY#*"},
    "reminder-planner": {"ORG#*", "AUDIT#*", "GATE#*", "NIGHT#*", "FORGET#*"},
    "reminder-dispatch": {"ORG#*", "VAULT#*", "AUDIT#*", "GATE#*", "PAY#*"},
    "meta-webhook": set(),
    "partner-webhook": {"ORG#*", "AUDIT#*", "HOOK#*", "ROUTE#*", "SEAT#*", "FORGET#*"},
    "meta-events": {"ORG#*", "AUDIT#*", "ROUTE#*"},
    "erasure-worker": {"ORG#*", "VAULT#*", "AUDIT#*", "ROUTE#*", "PAY#*", "FORGET#*", "SEAT#*"},
    "api": {"ORG#*", "AUDIT#*", "VAULT#*", "ROUTE#*", "GATE#*", "FORGET#*", "FORGET#ORG#*", "SEAT#*"},
    "web": {"ORG#*", "AUDIT#*", "VAULT#*", "ROUTE#*", "GATE#*", "PAY#*", "FORGET#*", "SEAT#*"},
}

# Partition key patterns under which a function deletes.
DELETES: dict[str, set[str]] = {
    "oauth-callback": {"ORG#*", "ROUTE#*", "STATE#*", "VAULT#*"},
    "due-sweeper": set(),
    "scheduled-sync": {"GATE#*", "ORG#*", "PAY#*", "ROUTE#*", "VAULT#*"},
    "reminder-planner": {"ORG#*"},
    "reminder-dispatch": {"GATE#*", "ORG#*", "PAY#*", "VAULT#*"},
    # What led to somebody who is gone at Clerk.
    "partner-webhook": {"ORG#*", "SEAT#*"},
    "meta-events": {"ORG#*", "ROUTE#*"},
    "erasure-worker": {"AUDIT#*", "FORGET#*", "ORG#*", "PAY#*", "ROUTE#*", "SEAT#*", "VAULT#*"},
    # An order to erase the organisation is taken back.
    "api": {"FORGET#ORG#*", "GATE#*", "ORG#*", "ROUTE#*", "VAULT#*"},
    "web": {"FORGET#*", "GATE#*", "ORG#*", "ROUTE#*", "VAULT#*"},
}

# Partition key patterns under which a function lists.
QUERIES: dict[str, set[str]] = {
    "oauth-callback": {"ORG#*"},
    "due-sweeper": set(),
    "scheduled-sync": {"ORG#*"},
    "reminder-planner": {"AUDIT#*", "ORG#*"},
    "reminder-dispatch": {"ORG#*"},
    "partner-webhook": {"ORG#*", "SEAT#*"},
    "meta-events": {"ORG#*"},
    "erasure-worker": {"AUDIT#*", "ORG#*", "VAULT#*"},
    "api": {"AUDIT#*", "ORG#*"},
    # Of Facebook users who want to be forgotten it is listed which accounts they connected.
    "web": {"AUDIT#*", "FORGET#*", "ORG#*"},
}

# Functions that write upon the condition that something else is as they saw it: a consent, or a member's number.
CHECKERS = {"scheduled-sync", "reminder-dispatch", "meta-events", "api", "web"}

# Functions that erase an organisation, its activity log included.
ERASERS = {"erasure-worker"}

# Index -> function that queries it -> key pattern.
INDEXES: dict[str, dict[str, str]] = {
    "GSI1": {"due-sweeper": "DUE#*", "api": "OPENDUE#*", "web": "OPENDUE#*"},
    "GSI2": dict.fromkeys(
        ("scheduled-sync", "reminder-planner", "reminder-dispatch", "meta-events", "api", "web"), "OPEN#*"
    ),
}

# Queues that a function sends to.
SENDS: dict[str, set[str]] = {
    "oauth-callback": {"sync"},
    "due-sweeper": {"sync", "plan", "dispatch", "erasure"},
    "scheduled-sync": {"plan", "sync"},
    "reminder-planner": {"dispatch"},
    "reminder-dispatch": {"dispatch"},
    "meta-webhook": {"meta"},
    "partner-webhook": set(),
    "meta-events": set(),
    "erasure-worker": {"erasure"},
    "api": {"sync", "plan", "dispatch", "erasure"},
    "web": {"sync", "plan", "dispatch", "erasure"},
}

# Functions that change consents, erase or send what a person asked for, and so write the journal; nobody but operators
# reads it.
JOURNAL_WRITERS = {"scheduled-sync", "reminder-dispatch", "meta-events", "erasure-worker", "api", "web"}

# Functions that send mails, from the stage's one address.
MAILERS = {"reminder-planner"}

# What a function may do to archives of exports.
EXPORTS: dict[str, set[str]] = {
    "erasure-worker": {"s3:PutObject", "s3:DeleteObject", "s3:ListBucket"},
    "api": {"s3:GetObject"},
    "web": {"s3:GetObject"},
}

VAULT_USERS = {"oauth-callback", "scheduled-sync", "reminder-dispatch", "erasure-worker", "api", "web"}

ENVIRONMENT = (
    "NUMO_STAGE",
    "NUMO_TABLE",
    "NUMO_JOURNAL",
    "NUMO_EXPORTS",
    "NUMO_VAULT_KEY",
    "NUMO_SECRETS_ID",
    "NUMO_QUEUE_SYNC",
    "NUMO_QUEUE_PLAN",
    "NUMO_QUEUE_DISPATCH",
    "NUMO_QUEUE_ERASURE",
    "NUMO_QUEUE_META",
    "NUMO_BUS",
    "NUMO_PUBLIC_URL",
    "NUMO_CLERK_ISSUER",
    "NUMO_CLERK_AUTHORIZED_PARTIES",
    "NUMO_CLERK_API_BASE",
    "NUMO_MAIL_FROM",
    "NUMO_LEGAL_NAME",
    "NUMO_FORMER_NAME",
    "NUMO_LEGAL_ADDRESS",
    "NUMO_CONTACT_MAIL",
    "NUMO_XERO_LOGIN_BASE",
    "NUMO_XERO_IDENTITY_BASE",
    "NUMO_XERO_API_BASE",
    "NUMO_INTUIT_DISCOVERY_BASE",
    "NUMO_INTUIT_AUTHORIZE_BASE",
    "NUMO_INTUIT_TOKEN_BASE",
    "NUMO_INTUIT_REVOKE_BASE",
    "NUMO_QUICKBOOKS_API_BASE",
    "NUMO_META_GRAPH_BASE",
    "NUMO_META_GRAPH_VERSION",
    "NUMO_META_SDK_URL",
    "NUMO_META_SIGNUP_CONFIG",
)

# Values of the dimension `provider` whose webhooks must not fall silent unseen.
LEDGERS = ("xero", "quickbooks")

# Metrics of our own of which a single one needs a person.
ALARMING_METRICS = (
    "clerk_check_stopped",
    "day_not_accounted",
    "erasure_untold",
    "export_failed",
    "owner_mail_given_up",
    "restored_table",
    "run_not_ended",
    "token_write_failed",
    "webhook_mismatch",
)

# What AWS counts that alarms and the dashboard use, each with the sets of dimensions that it is counted by.
AWS_METRICS: dict[str, dict[str, tuple[set[str], ...]]] = {
    "AWS/Lambda": dict.fromkeys(("Invocations", "Errors", "Throttles", "Duration"), ({"FunctionName"},)),
    "AWS/SQS": dict.fromkeys(("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"), ({"QueueName"},)),
    "AWS/ApiGateway": dict.fromkeys(("Count", "4xx", "5xx", "Latency"), ({"ApiId"},)),
    "AWS/DynamoDB": {
        **dict.fromkeys(("ReadThrottleEvents", "WriteThrottleEvents"), ({"TableName"}, {"TableName", "GlobalSecondaryIndexName"})),
        **dict.fromkeys(("ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"), ({"TableName"},)),
        "SystemErrors": ({"TableName", "Operation"},),
    },
    "AWS/SES": dict.fromkeys(("Reputation.BounceRate", "Reputation.ComplaintRate"), (set(),)),
    "AWS/Billing": {"EstimatedCharges": ({"Currency"},)},
}

# Routes under the limit of the stage: the console's, and Intuit's links, which lead to it.
UNLIMITED_ROUTES = {"$default", "GET /oauth/{provider}/reconnect", "GET /oauth/{provider}/disconnect"}

# What the access log may have: nothing that leads to a person, and no path, since links may open something.
ACCESS_LOG_FIELDS = {
    "$context.error.responseType",
    "$context.integrationLatency",
    "$context.integrationStatus",
    "$context.requestId",
    "$context.requestTimeEpoch",
    "$context.responseLatency",
    "$context.responseLength",
    "$context.routeKey",
    "$context.status",
}

# Syncs at once: Xero allows 10,000 calls a minute over all organisations of the app.
SYNCS_AT_ONCE = 20

# Dispatches at once: well above 20 organisations that send for minutes, so that nobody waits for them; but each asks
# its ledger up to 50 times a minute, which the same limit of Xero has to bear.
DISPATCHES_AT_ONCE = (100, 150)

# Memory of the dispatch in MB, which is processor time: at 1,769 MB a function has one processor.
DISPATCH_MEMORY = 1024

VAULT_CONTEXT = ("org", "grant", "purpose")

# Statements that may name the resource "*", with the reason.
BARE_RESOURCES: dict[str, str] = {
    "WriteTraces": "X-Ray's write actions take no resource",
    "AccountDecidesByIam": "in a key policy the resource is the key itself",
    "ContextNamesOrg": "in a key policy the resource is the key itself",
    "ContextNamesGrant": "in a key policy the resource is the key itself",
    "ContextNamesPurpose": "in a key policy the resource is the key itself",
    "ContextHoldsNothingElse": "in a key policy the resource is the key itself",
}

# Statements that may name a service's whole set of actions, with the reason.
WIDE_ACTIONS: dict[str, str] = {
    "AccountDecidesByIam": "the key policy hands the decision to IAM, else the key could never be managed",
    "EncryptedOnTheWay": "it denies everything that comes without TLS",
}

# Statements that AWS itself acts upon, on behalf of a function: Lambda for its logs, traces and messages, and the
# services that encrypt with the data key.
CALLED_BY_AWS = {
    "WriteLogs",
    "WriteTraces",
    "ReceiveJobs",
    "UseDataKeyThroughTable",
    "UseDataKeyThroughQueue",
    "UseDataKeyThroughBucket",
}

# What a role allows and the journey need not do, some of it as time has it: function, action and place, with what the
# code does it for.
NOT_IN_THE_JOURNEY: dict[tuple[str, str, str], str] = {
    ("api", "dynamodb:ConditionCheckItem", "table"): "records what an admin says of a customer's consent",
    ("api", "dynamodb:Query", "GSI1"): "lists invoices by due date",
    ("due-sweeper", "sqs:SendMessage", "erasure"): "wakes erasures and exports that nobody woke",
    ("erasure-worker", "dynamodb:PutItem", "journal"): "erases an organisation, seven days after it was asked for",
    ("erasure-worker", "kms:Decrypt", ""): "opens the tokens of an organisation that is erased, to tell its providers",
    ("erasure-worker", "kms:GenerateDataKey", ""): "renews such a token under a data key of 90 days",
    ("erasure-worker", "s3:DeleteObject", ""): "deletes archives of whoever is erased",
    ("erasure-worker", "s3:ListBucket", ""): "finds archives of whoever is erased",
    ("erasure-worker", "sqs:SendMessage", "erasure"): "goes on in another invocation near the end of one",
    ("partner-webhook", "dynamodb:DeleteItem", "table"): "deletes what led to somebody who is gone at Clerk",
    ("partner-webhook", "dynamodb:Query", "table"): "finds what led to somebody who is gone at Clerk",
    ("reminder-dispatch", "kms:GenerateDataKey", ""): "renews a token under a data key of 90 days",
    ("reminder-dispatch", "sqs:SendMessage", "dispatch"): "goes on in another invocation near the end of one",
    ("reminder-planner", "dynamodb:DeleteItem", "table"): "finishes the work of mails that are told",
    ("scheduled-sync", "dynamodb:ConditionCheckItem", "table"): "passes an opt-out on to the customer that another was merged into",
    ("scheduled-sync", "dynamodb:PutItem", "journal"): "erases a customer, and passes an opt-out on",
    ("scheduled-sync", "kms:GenerateDataKey", ""): "renews a token under a data key of 90 days",
    ("scheduled-sync", "sqs:SendMessage", "sync"): "goes on in another invocation near the end of one",
    ("web", "dynamodb:ConditionCheckItem", "table"): "records what an admin says of a customer's consent",
    ("web", "dynamodb:Query", "GSI1"): "lists invoices by due date",
    ("web", "kms:GenerateDataKey", ""): "seals the token of an account that is connected over a set-up link",
    ("web", "s3:GetObject", ""): "signs the link to an archive that is fetched in the console",
    ("web", "sqs:SendMessage", "erasure"): "asks for an archive in the console",
}
