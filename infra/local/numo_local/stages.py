"""The settings of a stage, checked against template.yaml before anything is built."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from numo_local.settings import ROOT, TEMPLATE, StackError

STAGES = ROOT / "infra" / "stages"

# Parameters that a deployment sets itself, or that are for the local stack.
NOT_IN_FILES = {"Stage", "CodeBucket", "CodePrefix", "TemplatesUrl", "LocalStack", "LocalPort"}


@dataclass(frozen=True)
class Stage:
    """Where a stage runs and with what."""

    name: str
    region: str
    code_bucket: str
    parameters: dict[str, str]

    @property
    def stack(self) -> str:
        return f"numo-{self.name}"

    @property
    def architecture(self) -> str:
        return self.parameters.get("Architecture", "x86_64")


def read(name: str) -> Stage:
    """The settings of infra/stages/<name>.json; a StackError names everything that is wrong with them."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,15}", name):
        raise StackError("Name the stage, as in: make deploy STAGE=staging.")
    path = STAGES / f"{name}.json"
    where = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    if not path.exists():
        raise StackError(f"{where} does not exist; copy infra/stages/example.json and fill it in.")
    try:
        settings = json.loads(path.read_text())
    except json.JSONDecodeError as error:
        raise StackError(f"{where} is no JSON: {error}.") from error
    found = [*_of_the_file(settings), *findings(settings.get("parameters", {}), declared())]
    if found:
        raise StackError(f"{where}: {'; '.join(found)}.")
    return Stage(name, settings["region"], settings["code_bucket"], settings["parameters"])


def declared() -> dict[str, dict[str, Any]]:
    """The parameters of template.yaml."""
    # What comes before the conditions is plain YAML, without CloudFormation's short forms.
    return dict(yaml.safe_load(TEMPLATE.read_text().partition("\nConditions:\n")[0])["Parameters"])


def findings(parameters: dict[str, Any], known: dict[str, dict[str, Any]]) -> list[str]:
    """What is wrong with parameters, one phrase each."""
    found = [f"{name} is no parameter of template.yaml" for name in sorted(set(parameters) - set(known))]
    found += [f"{name} is set by the deployment" for name in sorted(set(parameters) & NOT_IN_FILES)]
    for name, parameter in known.items():
        if name in NOT_IN_FILES:
            continue
        if name not in parameters:
            if "Default" not in parameter:
                found.append(f"{name} is missing")
        elif problem := _problem(parameters[name], parameter):
            found.append(f"{name} {problem}")
    domain, public_url = parameters.get("DomainName", ""), parameters.get("PublicUrl", "")
    if domain and public_url != f"https://{domain}":
        found.append("PublicUrl is not https:// and DomainName")
    if bool(domain) != bool(parameters.get("CertificateArn", "")):
        found.append("DomainName and CertificateArn come together")
    return found


def _of_the_file(settings: Any) -> list[str]:
    keys = {"region", "code_bucket", "parameters"}
    if not isinstance(settings, dict) or not isinstance(settings.get("parameters", {}), dict):
        raise StackError("A stage file is an object with region, code_bucket and the object parameters.")
    missing = [f"{key} is missing" for key in sorted(keys - set(settings))]
    return [*missing, *(f"{key} is unknown" for key in sorted(set(settings) - keys))]


def _problem(value: Any, parameter: dict[str, Any]) -> str | None:
    """Why CloudFormation would refuse the value, if it would."""
    if not isinstance(value, str):
        return "is no text"
    if parameter["Type"] == "Number" and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        return "is no number"
    if "AllowedValues" in parameter and value not in map(str, parameter["AllowedValues"]):
        return f"is none of {', '.join(map(str, parameter['AllowedValues']))}"
    if "AllowedPattern" in parameter and not re.fullmatch(parameter["AllowedPattern"], value):
        return f"does not look like {parameter['AllowedPattern']}"
    if not parameter.get("MinLength", 0) <= len(value) <= parameter.get("MaxLength", 4096):
        return f"has {len(value)} characters"
    return None
