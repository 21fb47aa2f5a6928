"""Which role each command that changes something asks for; what only shows asks for none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody may do; one account can have several."""

    OPERATOR = "operator"  #: documents and deliveries: send, retry, park, redirect …
    REGISTRAR = "registrar"  #: offices, groups, systems, certificates, policies
    KEEPER = "keeper"  #: keys and credentials, and what is kept or removed
    ADMINISTRATOR = "administrator"  #: who has which role; nothing else


#: Command → role that it asks for. A command that is not here changes nothing that others see.
DUTIES: Final[Mapping[str, Role]] = {
    "send": Role.OPERATOR,
    "fetch": Role.OPERATOR,
    "confirm": Role.OPERATOR,
    "retry": Role.OPERATOR,
    "release": Role.OPERATOR,
    "park": Role.OPERATOR,
    "redirect": Role.OPERATOR,
    "give-up": Role.OPERATOR,
    "requeue": Role.OPERATOR,
    "report correct": Role.OPERATOR,
    "alert ack": Role.OPERATOR,
    "alert silence": Role.OPERATOR,
    "alert end": Role.OPERATOR,
    "alert test": Role.OPERATOR,
    "office import": Role.REGISTRAR,
    "office merge": Role.REGISTRAR,
    "office split": Role.REGISTRAR,
    "office rename": Role.REGISTRAR,
    "office recode": Role.REGISTRAR,
    "office move": Role.REGISTRAR,
    "office close": Role.REGISTRAR,
    "office apply": Role.REGISTRAR,
    "office revoke": Role.REGISTRAR,
    "office rule": Role.REGISTRAR,
    "office suspend": Role.REGISTRAR,
    "office resume": Role.REGISTRAR,
    "office contact": Role.REGISTRAR,
    "group set": Role.REGISTRAR,
    "system add": Role.REGISTRAR,
    "system assign": Role.REGISTRAR,
    "system set": Role.REGISTRAR,
    "policy signing": Role.REGISTRAR,
    "cert register": Role.REGISTRAR,
    "cert revoke": Role.REGISTRAR,
    "system provision": Role.KEEPER,
    "system webhook set": Role.REGISTRAR,
    "system webhook remove": Role.REGISTRAR,
    "system webhook replay": Role.OPERATOR,
    "system token new": Role.KEEPER,
    "system token revoke": Role.KEEPER,
    "system secret new": Role.KEEPER,
    "system secret revoke": Role.KEEPER,
    "system certificate bind": Role.KEEPER,
    "system certificate release": Role.KEEPER,
    "enrollment new": Role.KEEPER,
    "enrollment approve": Role.KEEPER,
    "enrollment reject": Role.KEEPER,
    "peer add": Role.KEEPER,
    "type add": Role.REGISTRAR,
    "type activate": Role.REGISTRAR,
    "type retire": Role.REGISTRAR,
    "type accept": Role.REGISTRAR,
    "type decline": Role.REGISTRAR,
    "hold": Role.KEEPER,
    "purge": Role.KEEPER,
    "console account add": Role.ADMINISTRATOR,
    "console account remove": Role.ADMINISTRATOR,
    "console account reset": Role.ADMINISTRATOR,
    "admin add": Role.ADMINISTRATOR,
    "admin role": Role.ADMINISTRATOR,
    "admin remove": Role.ADMINISTRATOR,
}


def may(roles: Mapping[str, Collection[Role]], account: str, role: Role) -> bool:
    """Tell whether an account may do what asks for ``role``.

    Args:
        roles: account → its roles; while nobody is named, everybody may.
        account: of the machine.
        role: what the command asks for.
    """
    return not roles or role in roles.get(account, ())


def asks_for_two(command: str, words: Iterable[str]) -> bool:
    """Tell whether a command is one of those that a second person must approve.

    Args:
        command: such as ``cert revoke``.
        words: commands, or nouns that stand for all their commands.
    """
    return any(command == word or command.startswith(f"{word} ") for word in words)
