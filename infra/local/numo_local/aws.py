"""Builds for Lambda with cargo-lambda and deploys a stage to AWS."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from numo_local import archive, deploy, package
from numo_local.settings import FUNCTIONS, ROOT, TARGET, StackError

STAGES = ROOT / "infra" / "stages"


def deploy_stage(stage: str) -> dict[str, str]:
    """Deploys with the parameters of infra/stages/<stage>.json."""
    settings = read_stage(stage)
    parameters = settings["parameters"]
    folder, build_name = package_release(parameters.get("Architecture", "x86_64"))
    session = boto3.Session(region_name=settings["region"])
    prefix = f"numo-{stage}/{build_name}"
    try:
        url = deploy.upload(session.client("s3"), settings["code_bucket"], prefix, folder)
        return deploy.deploy(
            session.client("cloudformation"),
            f"numo-{stage}",
            url,
            {**parameters, "Stage": stage, "CodeBucket": settings["code_bucket"], "CodePrefix": prefix},
        )
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"AWS refused the deployment of {stage}: {error}") from error


def read_stage(stage: str) -> dict[str, Any]:
    """The settings of one stage, checked for the three keys they need."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,15}", stage):
        raise StackError("Name the stage, as in: make deploy STAGE=staging.")
    path = STAGES / f"{stage}.json"
    if not path.exists():
        raise StackError(f"{path.relative_to(ROOT)} does not exist; copy infra/stages/example.json and fill it in.")
    settings = dict(json.loads(path.read_text()))
    missing = [name for name in ("region", "code_bucket", "parameters") if name not in settings]
    if missing:
        raise StackError(f"{path.relative_to(ROOT)} lacks {', '.join(missing)}.")
    return settings


def package_release(architecture: str) -> tuple[Path, str]:
    """Builds every function for Lambda and zips it; returns the folder and the build's name."""
    flags = ["--arm64"] if architecture == "arm64" else ["--x86-64"]
    packages = [argument for name in FUNCTIONS for argument in ("-p", name)]
    command = ["cargo", "lambda", "build", "--release", *flags, *packages]
    try:
        status = subprocess.run(command, cwd=ROOT).returncode
    except FileNotFoundError as error:
        raise StackError("cargo is missing; install Rust from https://rustup.rs.") from error
    if status != 0:
        raise StackError("cargo lambda build failed; cargo-lambda is installed with pip install cargo-lambda.")
    # cargo-lambda leaves target/lambda/<function>/bootstrap.
    binaries = TARGET / "lambda-release"
    binaries.mkdir(parents=True, exist_ok=True)
    for name in FUNCTIONS:
        shutil.copyfile(TARGET / "lambda" / name / "bootstrap", binaries / name)
    return binaries, package.zip_functions(binaries, binaries, archive.small)
