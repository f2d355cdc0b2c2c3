"""Reads template.yaml, and the templates of its nested stacks, with CloudFormation's short forms as plain dictionaries."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Iterator

import yaml

Resource = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Understands !Ref, !GetAtt, !Sub and the like."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


class Template:
    """The parsed template and the questions that rules ask of it."""

    def __init__(self, document: dict[str, Any], nested: dict[str, dict[str, Any]]) -> None:
        self.document = document
        self.resources: dict[str, Resource] = document["Resources"]
        # By their path below infra.
        self.nested = nested

    def of_type(self, kind: str) -> dict[str, Resource]:
        """Properties of every resource of one type, by logical id."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def functions(self) -> dict[str, Resource]:
        """Properties of every function by its name without the stage."""
        return {function_name(properties): properties for properties in self.of_type(FUNCTION).values()}

    def logical_id(self, function: str) -> str:
        """The logical id of a function."""
        return next(
            name for name, properties in self.of_type(FUNCTION).items() if function_name(properties) == function
        )

    def environment(self, function: Resource) -> dict[str, Any]:
        """The function's variables, those of Globals included."""
        shared = self.document["Globals"]["Function"].get("Environment", {}).get("Variables", {})
        return {**shared, **function.get("Environment", {}).get("Variables", {})}

    def statements(self, function: Resource) -> list[dict[str, Any]]:
        """Every statement of the function's role, managed policies of this template included."""
        role = self.resources[attribute_of(function["Role"])]["Properties"]
        documents = [policy["PolicyDocument"] for policy in role.get("Policies", [])]
        for managed in role.get("ManagedPolicyArns", []):
            documents.append(self.resources[managed["Ref"]]["Properties"]["PolicyDocument"])
        return [statement for document in documents for statement in document["Statement"]]

    def stacks(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """The template of every nested stack with the values of its parameters."""
        for properties in self.of_type("AWS::CloudFormation::Stack").values():
            path = properties["TemplateURL"]["Fn::Sub"].removeprefix("${TemplatesUrl}/")
            yield self.nested[path], properties["Parameters"]

    def alarms(self) -> list[Resource]:
        """Properties of every alarm, with the parameters of its stack put in but the stage."""
        return [
            _with_values(resource["Properties"], {name: value for name, value in values.items() if name != "Stage"})
            for document, values in self.stacks()
            for resource in document["Resources"].values()
            if resource["Type"] == "AWS::CloudWatch::Alarm"
        ]

    def documents(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every policy document with the logical id of its resource."""
        for name, resource in self.resources.items():
            for document in _documents_below(resource.get("Properties", {})):
                yield name, document


FUNCTION = "AWS::Serverless::Function"


def load(path: Path) -> Template:
    """Reads the template from a file, and those of its nested stacks beside it."""
    infra = path.parent / "infra"
    return Template(_read(path), {str(each.relative_to(infra)): _read(each) for each in nested(path)})


def nested(path: Path) -> list[Path]:
    """The files of nested stacks."""
    infra = path.parent / "infra"
    return [*sorted((infra / "alarms").glob("*.yaml")), infra / "dashboard.yaml"]


def metrics_of(alarm: Resource) -> list[Resource]:
    """Namespace, name and dimensions of each metric that an alarm goes by."""
    if "Metrics" in alarm:
        return [part["MetricStat"]["Metric"] for part in alarm["Metrics"] if "MetricStat" in part]
    return [alarm]


def dimensions_of(metric: Resource) -> dict[str, Any]:
    """The dimensions of a metric by name; a name that is made of the stage stands as the text it is made from."""
    values = {dimension["Name"]: dimension["Value"] for dimension in metric.get("Dimensions", [])}
    return {name: value["Fn::Sub"] if "Fn::Sub" in value else value for name, value in values.items()}


def _read(path: Path) -> dict[str, Any]:
    return dict(yaml.load(path.read_text(), _Loader))  # noqa: S506 - a SafeLoader with constructors added


def _with_values(value: Any, values: dict[str, Any]) -> Any:
    """A part of a nested template with the values of its stack's parameters."""
    if isinstance(value, dict):
        if value.get("Ref") in values:
            return values[value["Ref"]]
        return {name: _with_values(child, values) for name, child in value.items()}
    if isinstance(value, list):
        return [_with_values(child, values) for child in value]
    if isinstance(value, str):
        for name, given in values.items():
            value = value.replace(f"${{{name}}}", str(given))
    return value


def function_name(properties: Resource) -> str:
    """numo-${Stage}-web -> web."""
    return str(properties["FunctionName"]["Fn::Sub"]).removeprefix("numo-${Stage}-")


def attribute_of(value: Any) -> str:
    """The logical id in {"Fn::GetAtt": [id, name]}."""
    return str(value["Fn::GetAtt"][0])


def as_list(value: Any) -> list[Any]:
    """A policy's scalar or list as a list."""
    return value if isinstance(value, list) else [value]


def _documents_below(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("Statement"), list):
            yield value
        else:
            for child in value.values():
                yield from _documents_below(child)
    elif isinstance(value, list):
        for child in value:
            yield from _documents_below(child)
