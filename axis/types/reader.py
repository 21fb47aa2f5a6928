"""Reads a message by the rules of its type: no type has code of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Final

from lxml import etree

from axis.envelope import schema
from axis.envelope.errors import (
    EmptyValueError,
    InvalidValueError,
    MissingElementError,
    TooLongError,
)
from axis.envelope.frame import read_frame
from axis.envelope.limits import Limits, Scan
from axis.envelope.shown import shown
from axis.envelope.skeleton import Skeleton
from axis.envelope.tree import local_name, place_of
from axis.envelope.values import DocumentId, Message, OrganId, Organization
from axis.types.errors import TypeLimitError, WrongPayloadError
from axis.types.gate import Gate
from axis.types.paths import Found, Way, way_of
from axis.types.rules import FILE, Rules, parse_rules

CLOSE: Final = time(17)  #: of a day in Vietnam, by which what is due on it is due
_VIETNAM: Final = timezone(timedelta(hours=7))
_KEY: Final = 255  #: characters of what the records keep as a key
_FACT: Final = 500  #: characters of what lists show


class MessageType:
    """One version of a type, from the files of its folder; read and compiled when first needed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    @cached_property
    def rules(self) -> Rules:
        """What ``type.toml`` says.

        Raises:
            msgspec.DecodeError: it is none; a type that was added has one.
        """
        return parse_rules(self.files[FILE])

    @cached_property
    def gate(self) -> Gate:
        """The schema."""
        rules = self.rules
        return Gate(self.files, rules.schema, rule=f"{rules.id} {rules.schema}")

    @cached_property
    def ways(self) -> Mapping[str, Way]:
        """Every path of the rules, by the key that names it."""
        return {key: way_of(path, self.rules.namespace) for key, path in self.rules.paths().items()}

    def read(
        self, tree: etree._Element, skeleton: Skeleton | None, scan: Scan, limits: Limits
    ) -> Message:
        """Hold a payload to the schema and the limits of the type, and return what it says.

        Raises:
            AxisError: it does not fit, by its code and place.
        """
        rules = self.rules
        # 1. What any message of the type may cost, before more is done about it.
        bounds = rules.limits
        _within(rules, "package_bytes", bounds.package_bytes, scan.size_bytes)
        # 2. The schema, and nothing else than what it is of.
        payload = _root(tree, rules)
        self.gate.validate(payload)
        # 3. What stands around it is read as that of a document.
        frame = read_frame(tree, skeleton)
        attached = max(len(frame.manifest), len(frame.attachments))
        _within(rules, "attachments", bounds.attachments, attached)
        # 4. The fields.
        recipients = tuple(
            Organization(organ_id=OrganId(_key(one)))
            for one in self.ways["read.recipients"].find(payload)
        )
        if not recipients:
            raise self._missing(payload, rules.read.recipients)
        _within(rules, "recipients", bounds.recipients, len(recipients))
        sender = self._must(payload, "read.sender")
        order_key, revision = self._revision(payload)
        found = self._first(payload, "read.id")
        document_id = found or f"{rules.type}:{sender}:{order_key}:{revision}"
        if len(document_id) > _KEY:
            raise TooLongError(
                place=place_of(payload), rule=rules.id, expected=f"≤ {_KEY}", got=len(document_id)
            )
        return Message(
            type=rules.type,
            version=rules.version,
            sender=Organization(organ_id=OrganId(sender)),
            recipients=recipients,
            document_id=DocumentId(document_id),
            content_sha256=content_sha256(payload),
            sign=self._first(payload, "read.number") or order_key,
            title=self._text(payload, "read.subject"),
            priority=self._priority(payload),
            due_at=self._due(payload),
            step=self._first(payload, "read.step"),
            answers=self._answers(payload),
            stories=self._stories(payload),
            order_key=order_key,
            revision=revision,
            facts=tuple(
                (name, text[:_FACT])
                for name in rules.read.facts
                if (text := self._text(payload, f"read.facts.{name}"))
            ),
            manifest=frame.manifest,
            attachments=frame.attachments,
            signature=frame.signature,
        )

    def _text(self, payload: etree._Element, key: str) -> str | None:
        way = self.ways.get(key)
        found = None if way is None else way.first(payload)
        return None if found is None else found.text

    def _first(self, payload: etree._Element, key: str) -> str | None:
        way = self.ways.get(key)
        found = None if way is None else way.first(payload)
        return None if found is None else _key(found)

    def _must(self, payload: etree._Element, key: str) -> str:
        found = self._first(payload, key)
        if found is None:
            raise self._missing(payload, self.ways[key].path)
        return found

    def _missing(self, payload: etree._Element, path: str) -> Exception:
        if next(payload.iter(f"{{*}}{path.rpartition('/')[2]}"), None) is not None:
            return EmptyValueError(
                place=place_of(payload), rule=self.rules.id, expected=path, got="–"
            )
        return MissingElementError(
            place=place_of(payload), rule=self.rules.id, expected=path, got="–"
        )

    def _revision(self, payload: etree._Element) -> tuple[str | None, int | None]:
        if self.rules.order is None:
            return None, None
        parts = [self._must(payload, f"order.key[{at}]") for at in range(len(self.rules.order.key))]
        key = "/".join(parts)[:_KEY]
        self._must(payload, "order.revision")
        found = next(self.ways["order.revision"].find(payload))
        return key, _number(found, most=999_999_999)

    def _priority(self, payload: etree._Element) -> int:
        way = self.ways.get("read.urgency")
        found = None if way is None else way.first(payload)
        return 0 if found is None else _number(found, most=4)

    def _due(self, payload: etree._Element) -> datetime | None:
        way = self.ways.get("read.due")
        found = None if way is None else way.first(payload)
        if found is None:
            return None
        try:
            if "T" not in found.text:
                day = date.fromisoformat(found.text[:10])
                return datetime.combine(day, CLOSE, _VIETNAM).astimezone(UTC)
            instant = datetime.fromisoformat(found.text)
            return (instant if instant.tzinfo else instant.replace(tzinfo=_VIETNAM)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise InvalidValueError(
                place=place_of(found.element),
                rule=self.rules.id,
                expected="yyyy-MM-dd | yyyy-MM-ddTHH:mm:ss+07:00",
                got=shown(found.text),
            ) from error

    def _answers(self, payload: etree._Element) -> frozenset[str]:
        way = self.ways.get("read.reply_to")
        return frozenset() if way is None else frozenset(_key(one) for one in way.find(payload))

    def _stories(self, payload: etree._Element) -> frozenset[tuple[str, str]]:
        story = self.rules.story
        if story is None:
            return frozenset()
        parts = [self._first(payload, f"story.key[{place}]") for place in range(len(story.key))]
        if None in parts:
            return frozenset()
        key = "/".join(part for part in parts if part)
        return frozenset({(story.type or self.rules.type, key[:_KEY])})


def content_sha256(payload: etree._Element) -> bytes:
    """Return the SHA-256 of a payload in canonical form: what it says, however it is written."""
    data: bytes = etree.tostring(payload, method="c14n", exclusive=True, with_tail=False)
    return hashlib.sha256(data).digest()


def _root(tree: etree._Element, rules: Rules) -> etree._Element:
    payload = schema.payload_of(tree)
    root = None if payload is None else next(payload.iterchildren("*"), None)
    if payload is None or root is None or root.tag != f"{{{rules.namespace}}}{rules.root}":
        got = "–" if root is None else f"{{{etree.QName(root).namespace or ''}}}{local_name(root)}"
        raise WrongPayloadError(
            place=place_of(tree if root is None else root),
            type=rules.id,
            expected=f"{{{rules.namespace}}}{rules.root}",
            got=shown(got, 200),
        )
    return root


def _within(rules: Rules, limit: str, most: int | None, got: int) -> None:
    if most is not None and got > most:
        raise TypeLimitError(type=rules.id, limit=limit, expected=f"≤ {most}", got=got)


def _key(found: Found) -> str:
    if len(found.text) > _KEY:
        raise TooLongError(place=place_of(found.element), expected=f"≤ {_KEY}", got=len(found.text))
    return found.text


def _number(found: Found, *, most: int) -> int:
    if not found.text.isascii() or not found.text.isdecimal() or int(found.text[:12]) > most:
        raise InvalidValueError(
            place=place_of(found.element), expected=f"0 … {most}", got=shown(found.text)
        )
    return int(found.text)
