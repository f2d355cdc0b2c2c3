"""Deploys template.yaml with CloudFormation; the same steps locally and on AWS."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from numo_local.settings import FUNCTIONS, INFRA, TEMPLATE, StackError

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
# How CloudFormation says that a change set has no changes.
NOTHING = ("didn't contain changes", "No updates are to be performed")

Confirm = Callable[[str, list[dict[str, Any]]], None]


def upload(s3: Any, bucket: str, prefix: str, packages: Path, commit: str) -> str:
    """Puts packages and templates into the bucket, with the commit they were made of; returns the templates' address."""
    files = {f"{name}.zip": packages / f"{name}.zip" for name in FUNCTIONS}
    for name, path in {**files, **templates()}.items():
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=path.read_bytes(), Metadata={"commit": commit})
    return f"{s3.meta.endpoint_url}/{bucket}/{prefix}"


def build_name(packages_name: str, parameters: dict[str, str]) -> str:
    """A name for exactly these packages, templates and parameters.

    No later build takes their place in the bucket; and since the packages' address has it, other parameters make new
    versions of the functions, whose variables are those of the version.
    """
    digest = hashlib.sha256(f"{packages_name}{sorted(parameters.items())}".encode())
    for name, path in templates().items():
        digest.update(name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def templates() -> dict[str, Path]:
    """The template and those of its nested stacks, by where they are put below a build's prefix."""
    nested = [*sorted((INFRA / "alarms").glob("*.yaml")), INFRA / "dashboard.yaml"]
    return {"template.yaml": TEMPLATE, **{str(path.relative_to(INFRA)): path for path in nested}}


def deploy(
    cloudformation: Any, name: str, templates_url: str, parameters: dict[str, str], confirm: Confirm
) -> dict[str, str]:
    """Makes a change set, has it confirmed, applies it, and returns the stack's outputs.

    `confirm` gets the name of the stack and the changes, and raises if they are not to be made.
    """
    try:
        is_new = _status(cloudformation, name) in (None, "REVIEW_IN_PROGRESS")
        change_set = cloudformation.create_change_set(
            StackName=name,
            ChangeSetName=f"deploy-{time.time_ns()}",
            ChangeSetType="CREATE" if is_new else "UPDATE",
            TemplateURL=f"{templates_url}/template.yaml",
            Capabilities=CAPABILITIES,
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value}
                for key, value in {**parameters, "TemplatesUrl": templates_url}.items()
            ],
            **({"OnStackFailure": "DO_NOTHING"} if is_new else {}),
        )["Id"]
        changes = _changes(cloudformation, name, change_set)
        if changes:
            try:
                confirm(name, changes)
            except BaseException:
                _drop(cloudformation, name, change_set, is_new)
                raise
            cloudformation.execute_change_set(ChangeSetName=change_set, StackName=name)
        else:
            _drop(cloudformation, name, change_set, is_new)
    except ClientError as error:
        raise StackError(f"CloudFormation refused the stack {name}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise StackError(f"CloudFormation did not answer: {error}.") from error
    return _wait(cloudformation, name)


def _changes(cloudformation: Any, name: str, change_set: str) -> list[dict[str, Any]]:
    """The changes of a change set as soon as it is made; none if there is nothing to change."""
    pause = 0.1
    while True:
        made = cloudformation.describe_change_set(ChangeSetName=change_set, StackName=name)
        if made["Status"] == "FAILED":
            reason = made.get("StatusReason", "")
            if any(nothing in reason for nothing in NOTHING):
                return []
            raise StackError(f"CloudFormation refused the stack {name}: {reason}")
        if made["Status"] == "CREATE_COMPLETE":
            break
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    changes = list(made["Changes"])
    while token := made.get("NextToken"):
        made = cloudformation.describe_change_set(ChangeSetName=change_set, StackName=name, NextToken=token)
        changes += made["Changes"]
    return [change["ResourceChange"] for change in changes]


def _drop(cloudformation: Any, name: str, change_set: str, is_new: bool) -> None:
    """Leaves no change set behind, and no stack that was never made."""
    cloudformation.delete_change_set(ChangeSetName=change_set, StackName=name)
    if is_new:
        cloudformation.delete_stack(StackName=name)


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
