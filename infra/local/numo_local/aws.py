"""Builds for Lambda with cargo-lambda, deploys a stage to AWS, and destroys one that nobody uses."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from numo_local import archive, change_set, deploy, destroy, glibc, lld, package, stages
from numo_local.settings import FUNCTIONS, ROOT, TARGET, StackError


def deploy_stage(name: str) -> dict[str, str]:
    """Deploys with the parameters of infra/stages/<name>.json, which are checked before anything is built."""
    stage = stages.read(name)
    folder, packages_name = package_release(stage.architecture)
    session = boto3.Session(region_name=stage.region)
    prefix = f"{stage.stack}/{deploy.build_name(packages_name, stage.parameters)}"
    parameters = {**stage.parameters, "Stage": name, "CodeBucket": stage.code_bucket, "CodePrefix": prefix}
    try:
        url = deploy.upload(session.client("s3"), stage.code_bucket, prefix, folder, commit())
        return deploy.deploy(session.client("cloudformation"), stage.stack, url, parameters, change_set.confirm)
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"AWS refused the deployment of {name}: {error}") from error


def destroy_stage(name: str) -> None:
    """Deletes the stack of a stage without data, and says before what stays of it."""
    stage = stages.read(name)
    try:
        destroy.destroy(boto3.Session(region_name=stage.region), stage.stack, destroy.typed)
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"AWS refused to destroy {name}: {error}") from error


def commit() -> str:
    """The commit that is built, with a mark if the tree differs from it."""
    try:
        head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True)
        changed = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head.stdout.strip() + ("-changed" if changed.stdout else "")


def package_release(architecture: str) -> tuple[Path, str]:
    """Builds every function for Lambda and zips it; returns the folder and the packages' name."""
    flags = ["--arm64"] if architecture == "arm64" else ["--x86-64"]
    programs = [argument for name in FUNCTIONS for argument in ("--bin", name)]
    # Its own settings would choose a newer processor, with which archives are larger; ours are in Cargo.toml.
    command = ["cargo", "lambda", "build", "--release", "--disable-optimizations", "--config", "infra/release.toml"]
    try:
        status = subprocess.run([*command, *flags, *programs], cwd=ROOT, env=os.environ | lld.environment()).returncode
    except FileNotFoundError as error:
        raise StackError("cargo is missing; install Rust from https://rustup.rs.") from error
    if status != 0:
        raise StackError("cargo lambda build failed; cargo-lambda is installed with pip install cargo-lambda.")
    # cargo-lambda leaves target/lambda/<function>/bootstrap.
    binaries = TARGET / "lambda-release"
    binaries.mkdir(parents=True, exist_ok=True)
    for name in FUNCTIONS:
        built = TARGET / "lambda" / name / "bootstrap"
        glibc.check(name, built.read_bytes())
        shutil.copyfile(built, binaries / name)
    return binaries, package.zip_functions(binaries, binaries, archive.small)
