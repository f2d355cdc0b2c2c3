"""Deploys template.yaml with CloudFormation; the same steps locally and on AWS."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from numo_local.settings import FUNCTIONS, INFRA, TEMPLATE, StackError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def upload(s3: Any, bucket: str, prefix: str, packages: Path) -> str:
    """Puts packages and templates into the bucket; returns the address of the templates."""
    for name in FUNCTIONS:
        with (packages / f"{name}.zip").open("rb") as body:
            s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}.zip", Body=body)
    for name, path in templates().items():
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=path.read_bytes())
    return f"{s3.meta.endpoint_url}/{bucket}/{prefix}"


def templates() -> dict[str, Path]:
    """The template and those of its nested stacks, by where they are put below a build's prefix."""
    nested = [*sorted((INFRA / "alarms").glob("*.yaml")), INFRA / "dashboard.yaml"]
    return {"template.yaml": TEMPLATE, **{str(path.relative_to(INFRA)): path for path in nested}}


def deploy(cloudformation: Any, name: str, templates_url: str, parameters: dict[str, str]) -> dict[str, str]:
    """Creates or updates the stack and returns its outputs."""
    parameters = {**parameters, "TemplatesUrl": templates_url}
    request = {
        "StackName": name,
        "TemplateURL": f"{templates_url}/template.yaml",
        "Capabilities": CAPABILITIES,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    }
    try:
        if _status(cloudformation, name) is None:
            cloudformation.create_stack(**request, OnFailure="DO_NOTHING")
        else:
            cloudformation.update_stack(**request)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if "No updates are to be performed" not in message:
            raise StackError(f"CloudFormation refused the stack {name}: {message}") from error
    except BotoCoreError as error:
        raise StackError(f"CloudFormation did not answer: {error}.") from error
    return _wait(cloudformation, name)


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def _wait(cloudformation: Any, name: str) -> dict[str, str]:
    pause = 0.1
    while True:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] in DONE:
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            raise StackError(f"The deployment of {name} failed: {_reason(cloudformation, name, stack)}")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


def _reason(cloudformation: Any, name: str, stack: dict[str, Any]) -> str:
    """The first failure of the newest operation; later ones only follow from it."""
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    for event in reversed(events):
        reason = event.get("ResourceStatusReason", "")
        if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason:
            return f"{event['LogicalResourceId']}: {reason}"
    return str(stack.get("StackStatusReason") or stack["StackStatus"])
