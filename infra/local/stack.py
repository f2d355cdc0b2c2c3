"""Starts, stops and describes the local stack; packages and deploys.

Run as `python3 infra/local/stack.py up|down|status|logs|described|permissions|package|deploy|destroy`; make targets call it.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from numo_local import settings, venv  # noqa: E402 - the path above makes it importable


def main() -> int:
    """Runs one command; a StackError becomes one sentence and exit code 1."""
    parser = argparse.ArgumentParser(description="Numo's local stack.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("venv", help="make the virtual environment only")
    commands.add_parser("up", help="start the stack, or say that it runs")
    commands.add_parser("down", help="stop the stack")
    commands.add_parser("restart", help="stop the emulator of a stack that keeps its state, and start it again")
    commands.add_parser("status", help="print the state of the running stack")
    commands.add_parser("logs", help="copy the functions' logs into files")
    commands.add_parser("described", help="compare the running stack's API with its description")
    commands.add_parser("permissions", help="compare what the running stack's functions did with what their roles allow")
    commands.add_parser("package", help="build the functions and zip them into target/lambda")
    deploy = commands.add_parser("deploy", help="build for Lambda and deploy a stage to AWS")
    destroy = commands.add_parser("destroy", help="delete the stack of a stage that holds no data")
    for command in (deploy, destroy):
        command.add_argument("--stage", default="", help="name of a file in infra/stages")
    arguments = parser.parse_args()
    try:
        venv.run_inside()
        return _run(arguments)
    except settings.StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    if arguments.command == "venv":
        return 0
    # These import packages of the virtual environment.
    from numo_local import aws, commands, described, package, permissions

    current = settings.from_environment()
    if arguments.command == "up":
        commands.up(current)
    elif arguments.command == "down":
        commands.down(current)
    elif arguments.command == "restart":
        commands.restart(current)
    elif arguments.command == "status":
        return 0 if commands.status(current) else 1
    elif arguments.command == "logs":
        for path in commands.logs(current):
            print(path)
    elif arguments.command == "described":
        described.check(current, commands.address(current))
    elif arguments.command == "permissions":
        permissions.check(current)
    elif arguments.command == "package":
        package.zip_functions(package.build(current), current.packages)
        print(f"packages are in {current.packages}")
    elif arguments.command == "deploy":
        for name, value in aws.deploy_stage(arguments.stage).items():
            print(f"{name} {value}")
    elif arguments.command == "destroy":
        aws.destroy_stage(arguments.stage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
