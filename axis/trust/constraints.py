"""Name constraints (RFC 5280 §4.2.1.10, §6.1.3 b–c): which names an authority may certify."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from axis.trust.links import Link
from axis.trust.names import is_within, normal


class NameConstraintState:
    """The constraints of the authorities so far; each names what is permitted and excluded."""

    def __init__(self) -> None:
        self._permitted: list[list[x509.GeneralName]] = []
        self._excluded: list[x509.GeneralName] = []

    def add(self, constraints: x509.NameConstraints | None) -> None:
        """Add the constraints of the next authority; they hold for all that follow."""
        if constraints is None:
            return
        if constraints.permitted_subtrees is not None:
            self._permitted.append(list(constraints.permitted_subtrees))
        self._excluded += constraints.excluded_subtrees or ()

    def refusal(self, link: Link) -> str | None:
        """Return why a certificate's names are not within the constraints, or None."""
        if not self._permitted and not self._excluded:
            return None
        try:
            for kind, value in _names(link):
                if any(_matches(kind, value, each) for each in self._excluded):
                    return f"the name {_shown(value)} is excluded"
                for permitted in self._permitted:
                    alike = [each for each in permitted if type(each) is kind]
                    if alike and not any(_matches(kind, value, each) for each in alike):
                        return f"the name {_shown(value)} is not permitted"
        except UnknownConstraintError as error:
            return f"a constraint cannot be judged: {error}"
        return None


def _names(link: Link) -> Iterator[tuple[type, Any]]:
    subject = link.certificate.subject
    if subject.rdns:
        yield x509.DirectoryName, subject
    for each in link.alternative:
        yield type(each), each.value
    if not any(isinstance(each, x509.RFC822Name) for each in link.alternative):
        for address in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
            yield x509.RFC822Name, address.value


def _matches(kind: type, value: Any, constraint: x509.GeneralName) -> bool:
    """Say whether a name falls under a constraint.

    Raises:
        UnknownConstraintError: both are of one kind, and that kind is not understood.
    """
    if type(constraint) is not kind:
        return False
    check = _CHECKS.get(kind)
    if check is None:
        raise UnknownConstraintError(kind.__name__)
    return check(value, constraint.value)


class UnknownConstraintError(ValueError):
    """A constraint of a kind that is not understood, on a name of that kind."""


def _directory(name: x509.Name, base: x509.Name) -> bool:
    return is_within(normal(name), normal(base))


def _mail(address: str, constraint: str) -> bool:
    local, _, host = address.rpartition("@")
    if "@" in constraint:
        wanted, _, wanted_host = constraint.rpartition("@")
        return local == wanted and host.lower() == wanted_host.lower()
    return _host(host, constraint)


def _dns(name: str, constraint: str) -> bool:
    name, constraint = name.lower().rstrip("."), constraint.lower().rstrip(".")
    if constraint.startswith("."):
        return name.endswith(constraint)
    return not constraint or name == constraint or name.endswith(f".{constraint}")


def _uri(uri: str, constraint: str) -> bool:
    host = urlsplit(uri).hostname
    if not host:
        raise UnknownConstraintError("a URI without a host")
    return _host(host, constraint)


def _host(host: str, constraint: str) -> bool:
    host, constraint = host.lower(), constraint.lower()
    return host.endswith(constraint) if constraint.startswith(".") else host == constraint


def _address(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
    network: ipaddress.IPv4Network | ipaddress.IPv6Network,
) -> bool:
    return address in network


_CHECKS: Final[Mapping[type, Callable[[Any, Any], bool]]] = {
    x509.DirectoryName: _directory,
    x509.RFC822Name: _mail,
    x509.DNSName: _dns,
    x509.UniformResourceIdentifier: _uri,
    x509.IPAddress: _address,
}


def _shown(value: object) -> str:
    return value.rfc4514_string() if isinstance(value, x509.Name) else str(value)
