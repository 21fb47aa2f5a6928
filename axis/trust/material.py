"""What paths are judged with: trust anchors, the certificates between, CRLs and OCSP answers.

``Material`` is immutable; :class:`TrustFolder` reads it from files and again when they change.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from axis.trust.certificates import read_all
from axis.trust.errors import CertificateUnreadableError
from axis.trust.ocsp import OcspAnswer, read_answers

_SUFFIXES: Final = {".pem", ".crt", ".cer", ".der", ".p7b", ".p7c"}
_OCSP_SUFFIXES: Final = {".ors", ".ocsp"}
_CRL_SUFFIXES: Final = {".crl", ".pem", ".der"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Anchors, intermediates, CRLs, OCSP answers; which are any good, the path decides."""

    anchors: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    crls: tuple[x509.CertificateRevocationList, ...] = ()
    answers: tuple[OcspAnswer, ...] = ()
    source: str = "–"  #: where it came from, for people


def read_crl(data: bytes, *, source: str) -> x509.CertificateRevocationList:
    """Return the CRL of a PEM or DER file; its signature is checked when it is used.

    Raises:
        CertificateUnreadableError: the data is no CRL.
    """
    try:
        if b"BEGIN X509 CRL" in data:
            return x509.load_pem_x509_crl(data)
        return x509.load_der_x509_crl(data)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        reason = str(error).split("\n", 1)[0]
        raise CertificateUnreadableError(source=source, reason=reason) from error


def load_material(folder: Path) -> Material:
    """Return what a folder holds: ``anchors/``, ``intermediates/``, ``crls/``, or all in one place.

    In a folder without ``anchors/``, self-issued certificates are anchors; of the others those
    whose issuer is there too are intermediates, and the rest are anchors.

    Raises:
        CertificateUnreadableError: a file that should hold certificates or a CRL does not.
    """
    if (folder / "anchors").is_dir():
        return Material(
            anchors=tuple(_certificates(folder / "anchors")),
            intermediates=tuple(_certificates(folder / "intermediates")),
            crls=tuple(_crls(folder / "crls")),
            answers=tuple(_answers(folder / "crls")),
            source=str(folder),
        )
    found = list(_certificates(folder))
    subjects = {each.subject for each in found}
    own = [each for each in found if each.issuer == each.subject]
    between = [e for e in found if e.issuer != e.subject and e.issuer in subjects]
    rest = [e for e in found if e.issuer not in subjects]
    return Material(
        anchors=tuple(own + rest),
        intermediates=tuple(between),
        crls=tuple(_crls(folder)),
        answers=tuple(_answers(folder)),
        source=str(folder),
    )


def load_folders(anchors: Path, intermediates: Path, crls: Path) -> Material:
    """Return the material of three folders; one that is absent is empty.

    Raises:
        CertificateUnreadableError: a file in them cannot be read.
    """
    return Material(
        anchors=tuple(_certificates(anchors)),
        intermediates=tuple(_certificates(intermediates)),
        crls=tuple(_crls(crls)),
        answers=tuple(_answers(crls)),
        source=str(anchors),
    )


class TrustFolder:
    """Reads three folders, and again when a file in them came, went or changed."""

    def __init__(self, anchors: Path, intermediates: Path, crls: Path) -> None:
        self._folders = (anchors, intermediates, crls)
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._material = Material()

    def current(self) -> Material:
        """Return the material; the same object as before while no file has changed.

        Raises:
            CertificateUnreadableError: a file in the folders cannot be read.
        """
        with self._lock:
            seen = tuple(
                (str(path), stat.st_mtime_ns, stat.st_size)
                for folder in self._folders
                for path in _files(folder)
                if (stat := path.stat())
            )
            if seen != self._seen:
                self._material = load_folders(*self._folders)
                self._seen = seen
            return self._material


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _certificates(folder: Path) -> Iterator[x509.Certificate]:
    seen: set[bytes] = set()
    for path in _files(folder):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        data = _read(path)
        if b"BEGIN X509 CRL" in data or b"PRIVATE KEY" in data:
            continue
        for each in read_all(data, source=str(path)):
            fingerprint = hashlib.sha256(each.public_bytes(Encoding.DER)).digest()
            if fingerprint not in seen:
                seen.add(fingerprint)
                yield each


def _crls(folder: Path) -> Iterator[x509.CertificateRevocationList]:
    for path in _files(folder):
        if path.suffix.lower() not in _CRL_SUFFIXES:
            continue
        data = _read(path)
        if path.suffix.lower() == ".crl" or b"BEGIN X509 CRL" in data:
            yield read_crl(data, source=str(path))


def _answers(folder: Path) -> Iterator[OcspAnswer]:
    for path in _files(folder):
        if path.suffix.lower() in _OCSP_SUFFIXES:
            yield from read_answers(_read(path), source=str(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise CertificateUnreadableError(source=str(path), reason=reason) from error
