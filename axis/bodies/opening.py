"""Opens the store of bodies that the settings name, and refuses one that would lose something."""

from __future__ import annotations

import configparser
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlsplit

from axis.bodies.disk import DiskBodies
from axis.bodies.errors import (
    BodyStoreAbsentError,
    BodyStoreSettingsError,
    BodyStoreUnsafeError,
)
from axis.bodies.store import Bodies
from axis.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

    from axis.bodies.s3 import S3Bodies

#: Short outages of the service are waited out in the request; longer ones are the sender's.
_RETRIES: Final = 3
_CONNECT_S: Final = 5.0
_LOCAL: Final = ("127.", "localhost", "::1")
_PROBES: Final = "probes"


def open_bodies(settings: Settings) -> Bodies:
    """Return the store that ``[bodies]`` names: a folder, or a bucket.

    Raises:
        BodyStoreSettingsError: the settings name none.
        BodyStoreAbsentError: it is a bucket, and the library for it is not installed.
        BodyStoreFullError: the folder cannot be made.
    """
    root = settings.path(settings.bodies.path)
    return _open_s3(settings, root) if settings.bodies.url else DiskBodies(root)


def check_bodies(settings: Settings) -> None:
    """Return where what the store promises is what the axis needs; processes begin with it.

    Raises:
        BodyStoreUnsafeError: the service forgets conditions, or bodies would travel in the clear.
        BodyStoreFullError: it does not answer now.
        BodyStoreSettingsError, BodyStoreAbsentError: it cannot be opened.
    """
    if not settings.bodies.url:
        return
    endpoint = urlsplit(settings.bodies.endpoint)
    if endpoint.scheme == "http" and not (endpoint.hostname or "").startswith(_LOCAL):
        raise BodyStoreUnsafeError(
            url=settings.bodies.url, reason=f"{settings.bodies.endpoint} is not encrypted"
        )
    _check_conditions(_open_s3(settings, settings.path(settings.bodies.path)), settings.bodies.url)


def _check_conditions(store: S3Bodies, url: str) -> None:
    """Put one object twice: the second must be refused, and the first must be what is read."""
    from axis.bodies.s3 import store_errors

    key, first = f"{_PROBES}/{secrets.token_hex(8)}", secrets.token_bytes(32)
    store.create(key, first)
    try:
        if store.create(key, bytes(32)):
            reason = "it puts an object where there is one, although it is asked not to"
            raise BodyStoreUnsafeError(url=url, reason=reason)
        with store_errors():
            read = b"".join(store.pieces(key, start=1, missing=b""))
        if read != first[1:]:
            raise BodyStoreUnsafeError(url=url, reason="it gives out other bytes than were put")
    finally:
        store.delete(key)


def _open_s3(settings: Settings, root: Path) -> S3Bodies:
    own = settings.bodies
    place = urlsplit(own.url)
    if place.scheme != "s3" or not place.netloc:
        raise BodyStoreSettingsError(key="url", reason=f"{own.url} is not s3://BUCKET/PREFIX")
    if own.endpoint and urlsplit(own.endpoint).scheme not in ("http", "https"):
        raise BodyStoreSettingsError(key="endpoint", reason=f"{own.endpoint} is not a URL")
    try:
        from obstore.exceptions import BaseError
        from obstore.store import S3Store

        from axis.bodies.s3 import S3Bodies
    except ImportError as error:
        raise BodyStoreAbsentError from error
    given: dict[str, str] = _credentials(settings.path(own.credentials)) if own.credentials else {}
    if own.endpoint:
        given["endpoint"] = own.endpoint
    client: dict[str, object] = {
        "timeout": f"{own.timeout_s:g}s",
        "connect_timeout": f"{_CONNECT_S:g}s",
        "allow_http": own.endpoint.startswith("http://"),
    }
    if own.ca:
        client["root_certificate"] = _text_of(settings.path(own.ca), "ca")
    try:
        store = S3Store(
            place.netloc,
            prefix=place.path.strip("/") or None,
            config=cast("S3Config", {"region": own.region, "disable_bulk_delete": True, **given}),
            client_options=cast("ClientConfig", client),
            retry_config={"max_retries": _RETRIES},
        )
    except (BaseError, ValueError) as error:
        raise BodyStoreSettingsError(key="url", reason=str(error).partition("\n")[0]) from error
    return S3Bodies(store, root)


def _credentials(path: Path) -> dict[str, str]:
    """Read a credentials file of AWS's form: its section ``default``, or that of AWS_PROFILE."""
    written = configparser.ConfigParser(interpolation=None)
    try:
        written.read_string(_text_of(path, "credentials"))
        section = written[os.environ.get("AWS_PROFILE", "default")]
        found = {
            "access_key_id": section["aws_access_key_id"],
            "secret_access_key": section["aws_secret_access_key"],
        }
    except (configparser.Error, KeyError) as error:
        # Nothing of the file is repeated: it holds a secret.
        raise BodyStoreSettingsError(
            key="credentials", reason=f"{path} is no AWS credentials file ({type(error).__name__})"
        ) from None
    if token := section.get("aws_session_token"):
        found["session_token"] = token
    return found


def _text_of(path: Path, key: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BodyStoreSettingsError(key=key, reason=f"{path}: {error.strerror}") from error
