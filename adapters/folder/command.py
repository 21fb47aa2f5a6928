"""``axis agent enroll|run|vxp|status|list|doctor``: the office agent on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from axis.commands.output import json_option, rows_option, say, show_object, show_rows
from axis.commands.session import Session

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=".",
    help="The agent's folder; default: here.",
)


@click.command
@click.argument("bundle", type=_FILE)
@_folder_option
@click.option("--certificate", type=_FILE, help="A certificate that the office has already.")
@click.option("--key", type=_FILE, help="Its private key (PEM).")
@click.option("--module", help="Or the library of the token that holds the key (PKCS#11).")
@click.option("--token", help="With --module: the token's label.")
@click.option("--label", help="With --module: the key's label.")
@click.option("--pin-file", type=_FILE, help="With --module: file with the PIN.")
@click.option("--wait", is_flag=True, help="Wait until somebody has approved it.")
@json_option
@click.pass_obj
def enroll(
    session: Session,
    bundle: Path,
    folder: Path,
    certificate: Path | None,
    key: Path | None,
    module: str | None,
    token: str | None,
    label: str | None,
    pin_file: Path | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Ask an axis for the office's place with BUNDLE, and collect it once it is approved.

    Without --certificate a key is made here, and a certificate is asked for. Read the fingerprint
    that is shown to the axis operator by telephone, then call this again, or let it --wait.

    \b
    Examples:
      axis agent enroll H41.12.toml --folder /srv/truc --wait
      axis agent enroll H41.12.toml --certificate office.pem --key office.key
    """
    import time

    from adapters.folder.enrol import Own, enroll, read_bundle
    from adapters.folder.errors import WaitsForApprovalError
    from adapters.folder.settings import TokenSettings

    own = None
    if certificate is not None:
        pkcs11 = None
        if module is not None:
            if not (token and label and pin_file):
                raise click.UsageError("--module needs --token, --label and --pin-file")
            pkcs11 = TokenSettings(
                module=module, token=token, label=label, pin_file=str(pin_file.absolute())
            )
        own = Own(certificate=certificate, key=key, pkcs11=pkcs11)
    read, told = read_bundle(bundle), False
    while True:
        try:
            places = enroll(folder, read, own=own, lang=session.lang)
            break
        except WaitsForApprovalError as error:
            if not told:
                say(str(error.refusal.text(session.lang)))
                say(error.refusal.hint(session.lang))
                told = True
            if not wait:
                raise
            time.sleep(5)
    if as_json:
        show_object({"office": read.office, "url": read.url, "folder": str(places.home)})
    else:
        say(f"{read.office}: {places.home}")
        say("axis agent doctor --folder {home}", home=places.home)


@click.command
@_folder_option
@click.option("--vxp", metavar="ADDRESS:PORT", help="Serve the VXP API there, for an eOffice.")
def run(folder: Path, vxp: str | None) -> None:
    """Send what is dropped into ``outbox`` and lay what comes into ``inbox``, until told to stop.

    With --vxp, or with [vxp] in agent.toml, an eOffice on this machine sends and takes through the
    agent; what it needs to know is told by: axis agent vxp.

    \b
    Examples:
      axis agent run --folder /srv/truc
      axis agent run --folder /srv/truc --vxp 127.0.0.1:8041
    """
    import signal
    import threading

    from adapters.folder.run import Agent

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    agent = Agent(folder, listen=vxp)
    say(f"{agent.settings.office}: {agent.places.home}")
    if agent.listening is not None:
        say(
            "VXP: http://{listening}:{listening_2}",
            listening=agent.listening[0],
            listening_2=agent.listening[1],
        )
    agent.run(stop)


@click.command
@_folder_option
@click.option("--new", is_flag=True, help="Make a new secret; the old one counts no more.")
@json_option
def vxp(folder: Path, new: bool, as_json: bool) -> None:
    """Show what the client of an eOffice beside the agent is set to: endpoint, systemid, secret.

    \b
    Examples:
      axis agent vxp --folder /srv/truc
      axis agent vxp --folder /srv/truc --new --json
    """
    from adapters.folder.beside import listening_at, renew_secret, secret_of, system_of
    from adapters.folder.settings import load_agent_settings

    settings = load_agent_settings(folder)
    secret = (renew_secret if new else secret_of)(settings, folder)
    found = listening_at(settings.vxp)
    row = {
        "endpoint": f"http://{found[0]}:{found[1]}" if found else None,
        "systemid": system_of(settings),
        "secret": secret.decode("utf-8", "replace"),
    }
    if as_json:
        show_object(row)
        return
    for name, value in row.items():
        click.echo(f"{name:10}{value or '–'}")
    if found is None:
        say("axis agent run --vxp 127.0.0.1:8041")


@click.command
@click.argument("document")
@click.argument("code", type=click.Choice(["01", "02", "03", "04", "05", "06", "15", "16"]))
@click.option("--say", "said", help="What the status says, such as why it is refused.")
@_folder_option
@json_option
def status(document: str, code: str, said: str | None, folder: Path, as_json: bool) -> None:
    """Report a status about DOCUMENT: its folder in ``inbox``, or its number and notation.

    The agent that runs sends it. A file such as ``03.txt`` in the document's folder does the same.

    \b
    Examples:
      axis agent status 7816/VPCP-TTĐT 03
      axis agent status 7816/VPCP-TTĐT 02 --say 'gửi nhầm nơi nhận'
    """
    from datetime import UTC, datetime

    from adapters.folder.reporting import find_delivery, report_job
    from adapters.folder.run import Agent
    from axis.envelope.values import StatusCode

    agent = Agent(folder)
    with agent.spool() as spool:
        delivery = find_delivery(spool, document)
        job = report_job(
            delivery,
            StatusCode(code),
            agent.places,
            agent.signer,
            now=datetime.now(UTC),
            said=said,
        )
        spool.put(job)
    if as_json:
        show_object({"job": job.id, "document": delivery.target, "status_code": code})
    else:
        say(f"{code}: {delivery.target}")


@click.command("list")
@_folder_option
@click.option("--all", "everything", is_flag=True, help="What is over, too.")
@rows_option
def list_(folder: Path, everything: bool, as_json: bool) -> None:
    """List what is on its way, in both directions, and what is in the way of it.

    \b
    Examples:
      axis agent list
      axis agent list --all --json
    """
    from adapters.folder.run import Agent
    from adapters.folder.spool import Delivery, Job

    with Agent(folder).spool() as spool:
        jobs, came = spool.all(Job), spool.all(Delivery)
    rows = [
        {
            "way": "out",
            "name": job.name if job.report_of is None else f"status {job.name}",
            "state": job.state,
            "tries": job.tries,
            "code": job.told.code if job.told else None,
            "text": job.told.text if job.told else None,
            "id": job.package_id or job.id,
        }
        for job in jobs
        if everything or job.state != "done"
    ]
    rows += [
        {
            "way": "in",
            "name": one.target or one.facts.get("sign"),
            "state": one.state,
            "tries": one.tries,
            "code": one.told.code if one.told else None,
            "text": one.told.text if one.told else None,
            "id": one.id,
        }
        for one in came
        if everything or one.state not in {"done", "stored", "gone", "refused"}
    ]
    show_rows(rows, as_json=as_json, columns=("way", "name", "state", "tries", "code", "text"))


@click.command
@_folder_option
@json_option
@click.pass_context
def doctor(context: click.Context, folder: Path, as_json: bool) -> None:
    """Check everything that must be right: folders, key, trust, axis, clock, log. Exit 1 if not.

    \b
    Examples:
      axis agent doctor
      axis agent doctor --folder /srv/truc --json
    """
    from adapters.folder.doctor import examine

    bad = False
    for one in examine(folder):
        bad = bad or one.outcome == "wrong"
        if as_json:
            show_object(
                {"check": one.check, "outcome": one.outcome, "text": one.text, "hint": one.hint}
            )
        else:
            click.echo(f"{one.outcome:8} {one.check:9} {one.text}")
            if one.hint:
                click.echo(f"         → {one.hint}")
    if bad:
        context.exit(1)
