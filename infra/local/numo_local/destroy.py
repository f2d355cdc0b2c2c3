"""Deletes the stack of a stage, but never one that holds anybody's data."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from numo_local.settings import StackError


def destroy(session: Any, stack: str, confirm: Callable[[str, list[str]], None]) -> None:
    """Deletes a stack whose tables and buckets are empty.

    `confirm` gets the name of the stack and what stays of it, and raises if it is not to be destroyed.
    """
    cloudformation = session.client("cloudformation")
    stack_id = _stack_id(cloudformation, stack)
    resources = resources_of(cloudformation, stack)
    if full := holding_data(session, resources):
        raise StackError(
            f"{stack} holds data and is not destroyed: {', '.join(full)}."
            " Erase its organisations first (numo-ops erase), or empty them by hand."
        )
    confirm(stack, retained(cloudformation, stack, resources))
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack)
    _wait(cloudformation, stack_id)


def holding_data(session: Any, resources: list[dict[str, Any]]) -> list[str]:
    """The tables with an item and the buckets with an object."""
    full = []
    for resource in resources:
        name = resource.get("PhysicalResourceId", "")
        if resource["ResourceType"] == "AWS::DynamoDB::Table" and _first_item(session, name):
            full.append(f"table {name}")
        if resource["ResourceType"] == "AWS::S3::Bucket" and _first_object(session, name):
            full.append(f"bucket {name}")
    return full


def retained(cloudformation: Any, stack: str, resources: list[dict[str, Any]]) -> list[str]:
    """What the template has outlive the stack, by type and name; versions go with their functions."""
    body = cloudformation.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    kept = {name for name, resource in body["Resources"].items() if resource.get("DeletionPolicy") == "Retain"}
    stays = [each for each in resources if each["LogicalResourceId"] in kept and each["ResourceType"] != "AWS::Lambda::Version"]
    return [f"{each['ResourceType']} {each['PhysicalResourceId']}" for each in stays]


def typed(stack: str, stays: list[str]) -> None:
    """Shows what stays, and has somebody type the name of the stack; nothing stands for a person here."""
    print("\n".join(f"stays: {name}" for name in stays), flush=True)
    if not sys.stdin.isatty():
        raise StackError(f"Nobody can be asked to type {stack}; nothing was destroyed.")
    if input(f"Type {stack} to destroy it: ").strip() != stack:
        raise StackError(f"{stack} was not typed; nothing was destroyed.")


def resources_of(cloudformation: Any, stack: str) -> list[dict[str, Any]]:
    """Every resource of a stack."""
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return [resource for page in pages for resource in page["StackResourceSummaries"]]


def _stack_id(cloudformation: Any, stack: str) -> str:
    try:
        return str(cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"])
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            raise StackError(f"There is no stack {stack}.") from error
        raise


def _first_item(session: Any, table: str) -> bool:
    return bool(session.client("dynamodb").scan(TableName=table, Limit=1)["Items"])


def _first_object(session: Any, bucket: str) -> bool:
    return bool(session.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=1).get("Contents"))


def _wait(cloudformation: Any, stack_id: str) -> None:
    pause = 0.1
    while (status := _status(cloudformation, stack_id)) != "DELETE_COMPLETE":
        if not status.endswith("_IN_PROGRESS"):
            raise StackError(f"The stack was not destroyed: {status}; the events of {stack_id} say why.")
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


def _status(cloudformation: Any, stack_id: str) -> str:
    try:
        return str(cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return "DELETE_COMPLETE"
        raise
