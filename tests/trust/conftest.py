"""A development authority and offices with keys of every kind, made once for a run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from axis.trust.material import Material, load_material
from axis.trust.pki import KeyKind, init_authority, issue
from axis.trust.sign import Signer, signer_of
from axis.trust.values import Shape
from tests.trust.material import Office

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an authority."""
    folder = tmp_path_factory.mktemp("authority")
    init_authority(folder, now=NOW)
    return folder


@pytest.fixture(scope="session")
def material(authority: Path) -> Material:
    """The anchors, intermediates and fresh CRLs of that authority."""
    return load_material(authority)


@pytest.fixture(scope="session")
def offices(authority: Path) -> dict[KeyKind, Office]:
    """An office for each kind of key."""
    made = {}
    for kind in KeyKind:
        key, certificate = issue(authority, name=f"Cơ quan {kind}", now=NOW, kind=kind)
        made[kind] = Office(signer_of(key, certificate), certificate, authority)
    return made


@pytest.fixture(scope="session")
def office(offices: dict[KeyKind, Office]) -> Office:
    """An office with an RSA key."""
    return offices[KeyKind.RSA2048]


@pytest.fixture(scope="session")
def other(authority: Path) -> Signer:
    """Another office of the same authority."""
    key, certificate = issue(authority, name="Cơ quan khác", now=NOW, kind=KeyKind.RSA2048)
    return signer_of(key, certificate)


@pytest.fixture(params=list(Shape))
def shape(request: pytest.FixtureRequest) -> Shape:
    """Both signature shapes."""
    return Shape(request.param)
