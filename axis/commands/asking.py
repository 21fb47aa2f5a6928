"""What cannot be taken back asks first, or takes ``--yes``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from copy import copy
from functools import wraps
from typing import Any, Final

import click

from axis.commands.language import translate

#: Command → what it would do, as a template over its arguments; none of it can be taken back.
#: Commands that show a plan of their own before they act (purge, give-up …) have their own --yes.
IRREVOCABLE: Final[Mapping[str, str]] = {
    "cert revoke": "Certificate {digest} is refused from now on, for good.",
    "system token revoke": "Token {token_id} ends now; its system is shut out.",
    "system secret revoke": "Secret {secret_id} ends now; its system is shut out.",
    "system webhook remove": "The webhook of {system_id} goes, with the key of its notices.",
    "enrollment reject": "Request {enrollment_id} is rejected; its bundle ends.",
    "admin remove": "{account} loses all roles and can change nothing from now on.",
    "console account remove": "{name} can sign in no more, and every session ends now.",
    "console account reset": "The password and the code of {name} end now, and every session.",
}


def asking(command: click.Command, words: str) -> click.Command:
    """Return a command that says what it would do and asks, if it cannot be taken back.

    With ``--yes`` it does not ask. Where nobody can be asked it refuses, and nothing is changed.
    """
    says = IRREVOCABLE.get(words)
    if says is None:
        return command
    wrapped = copy(command)
    wrapped.params = [
        *command.params,
        click.Option(
            ["--yes"], is_flag=True, expose_value=False, callback=_keep, help="Do not ask first."
        ),
    ]
    work = command.callback
    assert work is not None  # noqa: S101  every command of ours does something

    @wraps(work)
    def callback(*arguments: Any, **values: Any) -> Any:
        context = click.get_current_context()
        if not context.meta.get(_YES):
            _ask(context, translate(says).format_map(context.params), words)
        return work(*arguments, **values)

    wrapped.callback = callback
    return wrapped


_YES: Final = "axis.yes"


def _keep(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    context.meta[_YES] = value
    return value


def _ask(context: click.Context, says: str, words: str) -> None:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        told = translate("{says} Nothing was changed; `axis {words} --yes` does it.")
        raise click.UsageError(told.format(says=says, words=words), context)
    click.echo(says, err=True)
    click.confirm(translate("Do you want to continue?"), abort=True, err=True)
