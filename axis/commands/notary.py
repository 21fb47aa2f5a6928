"""``axis notary``: be the one process that gives entries their place, or make its keys."""

from __future__ import annotations

import click

from axis.commands.output import say
from axis.commands.session import Session


@click.group(invoke_without_command=True)
@click.option("--once", is_flag=True, help="Give places to what waits now, then end.")
@click.pass_context
def notary(context: click.Context, once: bool) -> None:
    """Run the notary, or stand by for the one that runs.

    \b
    Examples:
      axis notary
      axis notary --once
    """
    if context.invoked_subcommand is None:
        _run(context.obj, once=once)


def _run(session: Session, *, once: bool) -> None:
    import signal
    import threading

    from axis.notary.process import run, sequence_pending
    from axis.serve.begin import begin
    from axis.store.engine import check_durability
    from axis.store.migrate import check

    engine = session.engine
    if once:
        check(engine)
        check_durability(engine)
        say(
            "{sequence_pending} entries got their place",
            sequence_pending=sequence_pending(engine, session.settings),
        )
        return
    begin(session.settings, "notary")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run(engine, session.settings, stop)


@notary.command
@click.pass_obj
def init(session: Session) -> None:
    """Make the keys of the ledger, once; a key that is there is never replaced.

    A signing key in a PKCS#11 token is made with the token's own tool, never here.

    \b
    Examples:
      axis notary init
      AXIS_NOTARY_SALT_KEY=/etc/axis/salt.key axis notary init
    """
    from axis.ledger.errors import KeyFileExistsError
    from axis.ledger.keys import make_notary_key, make_salt_key
    from axis.ledger.tokenuri import is_token_uri
    from axis.notary.signing import has_key

    settings = session.settings
    salt, key = settings.path(settings.notary.salt_key), settings.path(settings.notary.key)
    made = []
    if not salt.exists():
        make_salt_key(salt)
        made.append(salt)
    if not has_key(settings):
        make_notary_key(key)
        made.append(key)
    if not made:
        raise KeyFileExistsError(path=str(salt if is_token_uri(settings.notary.key) else key))
    for path in made:
        say("made {path}", path=path)
    say("keep copies where only you can read them: receipts depend on both")
