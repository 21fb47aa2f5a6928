"""The door as an AsyncAPI 3 document, written from the messages and names that the door uses."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from adapters.amqp import schemas
from adapters.amqp.names import (
    EVENT,
    EVENTS,
    IN_EXCHANGE,
    OUT_EXCHANGE,
    SUBMIT,
    deliveries_queue,
    request_key,
)
from adapters.amqp.schemas import REQUEST_TYPES
from axis.delivery.lanes import Lane

_REF: Final = "#/components/schemas/{name}"
_EVENTS: Final = (
    schemas.Accepted,
    schemas.Refused,
    schemas.RequestRefused,
)
_ANSWERS: Final[dict[str, tuple[type, ...]]] = {
    "fetch": (),
    "confirm": (schemas.Done,),
    "refuse": (schemas.Done,),
    "receipt": (schemas.Proof,),
}
_SIGNED_BY_BROKER: Final = (
    "The user of the connection. RabbitMQ refuses a message that names another; the door refuses "
    "one that names none."
)


def document() -> dict[str, Any]:
    """Return the document."""
    messages, components = _messages()
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(_whole(messages, components)))
    return whole


def _whole(messages: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Document interconnection axis: the AMQP door",
            "version": "1.0.0",
            "description": (
                "For systems that keep a connection open. Every system has a user and a virtual "
                "host of its own, both named `system.SYSTEM`; what stands in it is declared by "
                "the axis. See amqp.md for examples that run."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": schemas.JSON,
        "servers": {
            "axis": {
                "host": "axis.example:5671",
                "pathname": "/{account}",
                "protocol": "amqps",
                "protocolVersion": "0.9.1",
                "variables": {
                    "account": {"description": "`system.` and the system's id, percent-encoded"}
                },
                "security": [
                    {"$ref": "#/components/securitySchemes/password"},
                    {"$ref": "#/components/securitySchemes/certificate"},
                ],
            }
        },
        "channels": _channels(messages),
        "operations": _operations(messages),
        "components": {
            "messages": messages,
            "schemas": components,
            "securitySchemes": {
                "password": {"type": "userPassword", "description": "SASL PLAIN, over TLS"},
                "certificate": {
                    "type": "X509",
                    "description": "SASL EXTERNAL: the common name is the name of the user",
                },
            },
        },
    }


def _messages() -> tuple[dict[str, Any], dict[str, Any]]:
    kinds: list[Any] = [
        schemas.Reference,
        *REQUEST_TYPES.values(),
        schemas.Delivery,
        *_EVENTS,
        schemas.Done,
        schemas.Proof,
    ]
    _, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    said = {schemas.Reference, *REQUEST_TYPES.values()}
    messages: dict[str, Any] = {
        "Package": {
            "summary": "A package as its exact bytes; the answer is an event.",
            "contentType": schemas.PACKAGE,
            "headers": {
                "type": "object",
                "properties": {
                    "sha256": {
                        "type": "string",
                        "pattern": "^[0-9a-f]{64}$",
                        "description": "Optional; compared with the body",
                    }
                },
            },
            "payload": {"type": "string", "format": "binary"},
            **_said(),
        },
        "Piece": {
            "summary": "Bytes of a delivery; ask again until size_bytes are there.",
            "contentType": schemas.PACKAGE,
            "headers": {
                "type": "object",
                "required": ["delivery_id", "package_id", "sha256", "size_bytes", "offset"],
                "properties": {
                    "delivery_id": {"type": "string", "format": "uuid"},
                    "package_id": {"type": "string", "format": "uuid"},
                    "sha256": {"type": "string", "description": "Of the whole package"},
                    "size_bytes": {"type": "integer", "description": "Of the whole package"},
                    "offset": {"type": "integer"},
                },
            },
            "payload": {"type": "string", "format": "binary"},
            "correlationId": {"location": "$message.header#/correlation_id"},
            "bindings": {"amqp": {"messageType": "piece"}},
        },
    }
    for kind in kinds:
        tag = kind.__struct_config__.tag
        messages[kind.__name__] = {
            "summary": (kind.__doc__ or "").strip(),
            "contentType": schemas.JSON,
            "payload": {"$ref": _REF.format(name=kind.__name__)},
            **(
                _said()
                if kind in said
                else {
                    "correlationId": {"location": "$message.header#/correlation_id"},
                    "bindings": {"amqp": {"messageType": str(tag)}},
                }
            ),
        }
    return messages, components


def _said() -> dict[str, Any]:
    """Return what every message of a system has."""
    return {
        "correlationId": {
            "description": "What the answer is named by; message_id where it is not set",
            "location": "$message.header#/correlation_id",
        },
        "x-amqp-properties": {
            "user_id": {"required": True, "description": _SIGNED_BY_BROKER},
            "delivery_mode": {"required": True, "const": 2},
            "content_encoding": {"description": "Empty: nothing is decompressed"},
        },
    }


def _channels(messages: dict[str, Any]) -> dict[str, Any]:
    channels: dict[str, Any] = {
        "submit": _published(SUBMIT, ("Package", "Reference"), "Packages to be relayed."),
        "events": _consumed(
            EVENTS, EVENT, tuple(kind.__name__ for kind in _EVENTS), "What became of them."
        ),
    }
    for lane in Lane:
        queue = deliveries_queue(lane)
        text = f"What waits for the system, {lane.value} lane."
        channels[f"deliveries-{lane.value}"] = _consumed(queue, queue, ("Delivery",), text)
    for name, kind in REQUEST_TYPES.items():
        channels[f"request-{name}"] = _published(
            request_key(name), (kind.__name__,), (kind.__doc__ or "").strip()
        )
    answers = ["Piece", "Done", "Proof", "RequestRefused"]
    channels["answers"] = {
        "address": None,
        "description": "RabbitMQ's direct reply: consume amq.rabbitmq.reply-to without "
        "acknowledgement and name it in reply_to.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in answers},
    }
    assert all(name in messages for one in channels.values() for name in one["messages"])  # noqa: S101
    return channels


def _published(key: str, messages: tuple[str, ...], text: str) -> dict[str, Any]:
    return {
        "address": key,
        "description": text,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {
            "amqp": {
                "is": "routingKey",
                "exchange": {"name": IN_EXCHANGE, "type": "topic", "durable": True},
            }
        },
    }


def _consumed(queue: str, key: str, messages: tuple[str, ...], text: str) -> dict[str, Any]:
    return {
        "address": queue,
        "description": f"{text} Bound to {OUT_EXCHANGE} under {key}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"amqp": {"is": "queue", "queue": {"name": queue, "durable": True}}},
    }


def _operations(messages: dict[str, Any]) -> dict[str, Any]:
    """Return the operations as a system sees them: it sends and it receives."""
    operations: dict[str, Any] = {
        "submit": {
            "action": "send",
            "channel": {"$ref": "#/channels/submit"},
            "summary": "Submit a package; it is answered by an event, however long that takes.",
            "messages": [
                {"$ref": "#/channels/submit/messages/Package"},
                {"$ref": "#/channels/submit/messages/Reference"},
            ],
        },
        "learn": {
            "action": "receive",
            "channel": {"$ref": "#/channels/events"},
            "summary": "Learn what became of packages: receipts and refusals.",
        },
    }
    for lane in Lane:
        operations[f"take-{lane.value}"] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/deliveries-{lane.value}"},
            "summary": "Learn of a delivery; acknowledge it when it is confirmed or refused.",
        }
    for name, kinds in _ANSWERS.items():
        answers = ["Piece"] if name == "fetch" else [kind.__name__ for kind in kinds]
        operations[f"request-{name}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/request-{name}"},
            "summary": messages[REQUEST_TYPES[name].__name__]["summary"],
            "reply": {
                "address": {"location": "$message.header#/reply_to"},
                "channel": {"$ref": "#/channels/answers"},
                "messages": [
                    {"$ref": f"#/channels/answers/messages/{one}"}
                    for one in (*answers, "RequestRefused")
                ],
            },
        }
    return operations
