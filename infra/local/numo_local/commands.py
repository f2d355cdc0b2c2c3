"""The commands behind `stack.py`: up, down, status and logs."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from numo_local import app_secret, deploy, emulator, function_logs, package, processes, simulator
from numo_local.locks import locked
from numo_local.settings import CODE_BUCKET, MAIL_FROM, PUBLISHER, QUEUES, STACK_NAME, STAGE, Settings, StackError


def up(settings: Settings) -> dict[str, Any]:
    """Starts emulator and simulator, deploys the template and describes the stack."""
    with locked(settings.directory / "lock"):
        state = _running(settings)
        if state:
            print(f"already running at {state['console_url']}", flush=True)
            return state
        _clear(settings)
        started: list[processes.Process] = []
        try:
            state = _start(settings, started)
        except BaseException:
            for process in reversed(started):
                processes.stop(process)
            settings.process_file.unlink(missing_ok=True)
            raise
        settings.state_file.write_text(json.dumps(state, indent=2) + "\n")
        print(f"running at {state['console_url']}", flush=True)
        return state


def down(settings: Settings) -> None:
    """Stops what `up` started, keeping the logs."""
    with locked(settings.directory / "lock"):
        if _running(settings):
            function_logs.collect(_client(settings, "logs"), settings.logs / "functions")
        stopped = [process.name for process in processes.load(settings.process_file) if processes.stop(process)]
        settings.state_file.unlink(missing_ok=True)
        settings.process_file.unlink(missing_ok=True)
        shutil.rmtree(settings.directory / "tmp", ignore_errors=True)
        print(f"stopped {' and '.join(stopped)}" if stopped else "nothing was running", flush=True)


def restart(settings: Settings) -> None:
    """Stops the emulator with its functions and starts it again, with what it had kept."""
    with locked(settings.directory / "lock"):
        state = _running(settings)
        if not state or not settings.persists:
            raise StackError("There is no stack that keeps its state; start one with NUMO_LOCAL_PERSIST=1.")
        running = processes.load(settings.process_file)
        before = next(process for process in running if process.name == "ministack")
        processes.stop(before)
        port = int(state["aws_endpoint"].rsplit(":", 1)[1])
        local = emulator.start_again(settings, port, state["access_key"], state["secret_key"])
        processes.save(settings.process_file, [local.process if process == before else process for process in running])
        state["pids"]["ministack"] = local.process.pid
        settings.state_file.write_text(json.dumps(state, indent=2) + "\n")
        print(f"running again at {state['console_url']}", flush=True)


def status(settings: Settings) -> bool:
    """Prints the state file of a running stack; false if none runs."""
    state = _running(settings)
    print(json.dumps(state, indent=2) if state else "not running", flush=True)
    return state is not None


def logs(settings: Settings) -> list[Path]:
    """Copies the functions' logs into files."""
    if not _running(settings):
        raise StackError("The local stack is not running; start it with make local-up.")
    return function_logs.collect(_client(settings, "logs"), settings.logs / "functions")


def address(settings: Settings) -> str:
    """Where the API of a running stack answers."""
    state = _running(settings)
    if not state:
        raise StackError("The local stack is not running; start it with make local-up.")
    return str(state["loopback_url"])


def _start(settings: Settings, started: list[processes.Process]) -> dict[str, Any]:
    binaries = package.build(settings)
    build_name = package.zip_functions(binaries, settings.packages)

    sim = simulator.start(settings, binaries / "numo-sim") if simulator.is_needed(settings) else None
    if sim:
        started.append(sim.process)
    local = emulator.start(settings)
    started.append(local.process)
    processes.save(settings.process_file, started)

    addresses = simulator.addresses(settings, sim)
    outputs = _deploy(local, settings.packages, build_name, addresses)
    secret = app_secret.build(settings, addresses["NUMO_CLERK_ISSUER"])
    local.client("secretsmanager").put_secret_value(
        SecretId=outputs["SecretId"], SecretString=json.dumps(secret)
    )
    loopback_url = f"{local.endpoint}/_aws/execute-api/{outputs['ApiId']}/$default"
    if sim:
        simulator.set_webhooks(sim, loopback_url, secret)
    return _state(local, sim, outputs, addresses, loopback_url)


def _deploy(
    local: emulator.Emulator, packages: Path, build_name: str, addresses: dict[str, str]
) -> dict[str, str]:
    s3 = local.client("s3")
    s3.create_bucket(
        Bucket=CODE_BUCKET, CreateBucketConfiguration={"LocationConstraint": local.region}
    )
    build_name = deploy.build_name(build_name, addresses)
    templates_url = deploy.upload(s3, CODE_BUCKET, build_name, packages, "local")
    parameters = {
        "MailFrom": MAIL_FROM,
        **PUBLISHER,
        "Stage": STAGE,
        "LocalStack": "true",
        "LocalPort": str(local.port),
        "CodeBucket": CODE_BUCKET,
        "CodePrefix": build_name,
        **{parameter(name): value for name, value in addresses.items()},
    }
    # The emulator takes mails from verified senders only, as SES does.
    local.client("sesv2").create_email_identity(EmailIdentity=parameters["MailFrom"])
    return deploy.deploy(local.client("cloudformation"), STACK_NAME, templates_url, parameters, lambda _stack, _changes: None)


def parameter(variable: str) -> str:
    """NUMO_XERO_API_BASE -> XeroApiBase."""
    words = variable.removeprefix("NUMO_").split("_")
    return "".join("QuickBooks" if word == "QUICKBOOKS" else word.capitalize() for word in words)


def _state(
    local: emulator.Emulator,
    sim: simulator.Simulator | None,
    outputs: dict[str, str],
    addresses: dict[str, str],
    loopback_url: str,
) -> dict[str, Any]:
    return {
        "api_url": outputs["ApiUrl"],
        "console_url": outputs["ApiUrl"],
        "loopback_url": loopback_url,
        "aws_endpoint": local.endpoint,
        "region": local.region,
        "access_key": local.access_key,
        "secret_key": local.secret_key,
        "stage": STAGE,
        "table": outputs["TableName"],
        "queues": {name: outputs[f"{name.capitalize()}QueueUrl"] for name in QUEUES},
        "dead_letter_queues": {name: outputs[f"{name.capitalize()}DeadLetterQueueUrl"] for name in QUEUES},
        "bus": outputs["BusName"],
        "key": outputs["VaultKeyArn"],
        "secrets_id": outputs["SecretId"],
        "mailbox_url": f"{local.endpoint}/_ministack/ses/messages",
        "sim_url": sim.base_url if sim else None,
        "clerk_issuer": addresses["NUMO_CLERK_ISSUER"],
        "pids": {"ministack": local.process.pid, "sim": sim.process.pid if sim else None},
        "started_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _running(settings: Settings) -> dict[str, Any] | None:
    """The state of a stack whose every process is alive."""
    started = processes.load(settings.process_file)
    if not settings.state_file.exists() or not started:
        return None
    if not all(processes.is_running(process) for process in started):
        return None
    return dict(json.loads(settings.state_file.read_text()))


def _clear(settings: Settings) -> None:
    """Removes what a stack that died left behind."""
    for process in processes.load(settings.process_file):
        processes.stop(process)
    settings.state_file.unlink(missing_ok=True)
    settings.process_file.unlink(missing_ok=True)
    for name in ("tmp", "logs"):
        shutil.rmtree(settings.directory / name, ignore_errors=True)


def _client(settings: Settings, service: str) -> Any:
    state = json.loads(settings.state_file.read_text())
    return emulator.client(
        state["aws_endpoint"], state["region"], state["access_key"], state["secret_key"], service
    )
