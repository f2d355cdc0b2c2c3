"""The JSON that the functions read from Secrets Manager."""

from __future__ import annotations

import base64
import json
import secrets as random
from typing import Any

from numo_local.settings import Settings, StackError

REQUIRED = (
    "xero_client_id",
    "xero_client_secret",
    "intuit_client_id",
    "intuit_client_secret",
    "meta_app_id",
    "meta_app_secret",
    "meta_verify_token",
    "clerk_publishable_key",
    "pepper",
)

# Without it nobody is mailed.
MAIL_KEY = "clerk_secret_key"

# Lists: the present key, and the former one during a rotation; without any, every webhook is refused.
WEBHOOK_KEYS = ("xero_webhook_keys", "intuit_webhook_tokens", "clerk_webhook_secrets")


def build(settings: Settings, clerk_issuer: str) -> dict[str, Any]:
    """The JSON given in NUMO_SECRETS_JSON, or a fresh one for the simulator."""
    if settings.secrets_json is None:
        return _generated(clerk_issuer)
    try:
        given = json.loads(settings.secrets_json)
    except ValueError as error:
        raise StackError(f"NUMO_SECRETS_JSON is not JSON: {error}.") from error
    missing = [name for name in REQUIRED if not isinstance(given, dict) or not given.get(name)]
    if missing:
        raise StackError(f"NUMO_SECRETS_JSON lacks {', '.join(missing)}.")
    return dict(given)


def _generated(clerk_issuer: str) -> dict[str, Any]:
    # Clerk: a publishable key is the base64 of the frontend host and a dollar sign.
    frontend = clerk_issuer.split("://", 1)[-1]
    return {
        "xero_client_id": "numo-local-xero",
        "xero_client_secret": random.token_urlsafe(24),
        "intuit_client_id": "numo-local-intuit",
        "intuit_client_secret": random.token_urlsafe(24),
        "meta_app_id": "1000000000000001",
        "meta_app_secret": random.token_hex(16),
        "meta_verify_token": random.token_urlsafe(24),
        "clerk_publishable_key": "pk_test_" + base64.b64encode(f"{frontend}$".encode()).decode(),
        MAIL_KEY: "sk_test_" + random.token_urlsafe(24),
        "pepper": base64.b64encode(random.token_bytes(32)).decode(),
        **{name: [random.token_urlsafe(32)] for name in WEBHOOK_KEYS},
        # Clerk: a secret is base64 behind a prefix.
        "clerk_webhook_secrets": ["whsec_" + base64.b64encode(random.token_bytes(24)).decode()],
    }
