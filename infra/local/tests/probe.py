"""A Lambda function for tests: answers with its event, or calls one AWS action and answers with the outcome."""

from __future__ import annotations

import json
import os
import urllib.request
from typing import Any

import boto3
from botocore.exceptions import ClientError

RUNTIME = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation"


def handle(event: dict[str, Any]) -> dict[str, Any]:
    """Serves HTTP events, prints SQS records."""
    if "Records" in event:
        for record in event["Records"]:
            print(json.dumps({"body": record["body"], "attributes": record["attributes"]}), flush=True)
        return {"batchItemFailures": []}
    call = (event.get("queryStringParameters") or {}).get("call")
    answer = _call(json.loads(call)) if call else event
    return {
        "statusCode": 200,
        "headers": {"x-function": os.environ["AWS_LAMBDA_FUNCTION_NAME"]},
        "cookies": ["a=1; Path=/", "b=2"],
        "body": json.dumps(answer, default=str),
    }


def _call(call: dict[str, Any]) -> Any:
    """Runs {"service", "action", "arguments"} with the function's own credential; $NAME is a variable."""
    arguments = {
        key: os.environ[value[1:]] if isinstance(value, str) and value.startswith("$") else value
        for key, value in call["arguments"].items()
    }
    try:
        return getattr(boto3.client(call["service"]), call["action"])(**arguments)
    except ClientError as error:
        return {"error": error.response["Error"]["Code"]}


def main() -> None:
    """The loop of the Lambda runtime API."""
    while True:
        with urllib.request.urlopen(f"{RUNTIME}/next") as response:
            request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(response)
        body = json.dumps(handle(event)).encode()
        urllib.request.urlopen(urllib.request.Request(f"{RUNTIME}/{request_id}/response", body)).close()


if __name__ == "__main__":
    main()
