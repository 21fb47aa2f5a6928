"""``axis trace``: where a document is and what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn, TextIO
from uuid import UUID

import click

from axis.commands.language import translate
from axis.commands.output import instant, json_option, paged, pager_option, say, show_object
from axis.commands.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from axis.errors import Lang
    from axis.store.packages import PackageRecord
    from axis.trace.timeline import Chapter
    from axis.trace.waiting import Why


@click.command
@click.argument("document")
@click.option("--all", "every", is_flag=True, help="Tell every addressee's story, however many.")
@json_option
@pager_option
@click.pass_obj
def trace(session: Session, document: str, every: bool, as_json: bool) -> None:
    """Tell the story of DOCUMENT: a DocumentId, a number/notation, an id, or the key of a story.

    Where several documents have the number they are listed, to ask again by DocumentId. A circular
    to many offices is summed up, with those who have not confirmed it. The number of a dossier, the
    template and period of a report, and the code of a task are keys: all that belongs to one of
    them is one story, documents that answer a task too.

    \b
    Examples:
      axis trace 7816/VPCP-TTĐT
      axis trace VPCP-2026-00127
      axis trace 000.00.00.G22,2015/09/30,7816/VPCP-TTĐT --json
    """
    from axis.trace.behind import reasons
    from axis.trace.gather import candidates, gather
    from axis.trace.timeline import tell

    engine = session.engine
    if len(among := candidates(engine, document, stories=True)) > 1:
        _refuse(engine, document, among)
    story = gather(engine, document, stories=True)
    codes = {delivery.address for delivery in story.deliveries}
    codes |= {package.sender for package in story.packages if package.sender}
    names: Callable[[str], str] = (lambda code: code) if as_json else _names(engine, codes)
    told = tell(story, lang=session.lang, name_of=names)
    lang: Lang = "vi" if session.lang == "vi" else "en"
    why = reasons(engine, story.deliveries, now=datetime.now(UTC), lang=lang)
    if as_json:
        for chapter in told:
            show_object(_as_object(chapter, why))
        return
    with paged() as out:
        for chapter in told:
            _tell(chapter, out, lang=lang, name_of=names, every=every)
            _tell_why(chapter, why, out, name_of=names, every=every)
            click.echo(file=out)


def _tell(
    chapter: Chapter, out: TextIO, *, lang: Lang, name_of: Callable[[str], str], every: bool
) -> None:
    from axis.trace.summary import is_summed_up, sum_up

    package = chapter.package
    sender = name_of(package.sender) if package.sender else package.system_id
    click.echo(f"{package.sign or package.id}  {chapter.title}  ({sender})", file=out)
    if package.subject:
        click.echo(f"  {package.subject}", file=out)
    for kind, key in chapter.stories:
        click.echo(f"  → {kind} {key}", file=out)
    for part in chapter.parts:
        name = part.name or f"cid:{part.content_id}"
        digest = part.digest.hex()[:12]
        click.echo(f"  + {name}  {part.size_bytes} B  sha256 {digest}", file=out)
    short = is_summed_up(chapter) and not every
    if short:
        for text in sum_up(chapter, lang=lang, name_of=name_of):
            click.echo(f"  {text}", file=out)
    for line in chapter.lines:
        if short and line.delivery_id is not None:
            continue
        place = f"#{line.index}" if line.index is not None else "#…"
        click.echo(f"  {line.at.astimezone():%Y-%m-%d %H:%M:%S}  {line.text}  {place}", file=out)


def _tell_why(
    chapter: Chapter,
    why: Mapping[UUID, Why],
    out: TextIO,
    *,
    name_of: Callable[[str], str],
    every: bool,
) -> None:
    """Tell of each addressee that has not confirmed why that is, and who can do what."""
    from axis.trace.summary import NAMED

    behind = [one for one in chapter.deliveries if one.id in why]
    if not behind:
        return
    told = translate("not confirmed by {count} of {all}:")
    click.echo(f"  {told.format(count=len(behind), all=len(chapter.deliveries))}", file=out)
    for delivery in behind if every else behind[:NAMED]:
        reason = why[delivery.id]
        click.echo(f"    {name_of(delivery.address)}: {reason.text}", file=out)
        click.echo(f"      → {reason.next}", file=out)
    if len(behind) > NAMED and not every:
        told = translate("… and {count} more: --all tells of each")
        click.echo(f"    {told.format(count=len(behind) - NAMED)}", file=out)


def _as_object(chapter: Chapter, why: Mapping[UUID, Why]) -> dict[str, object]:
    from axis.delivery.sums import sum_up as sum_of_states

    package = chapter.package
    return {
        "package_id": package.id,
        "kind": package.kind,
        "title": chapter.title,
        "sign": package.sign,
        "document_id": package.document_id,
        "subject": package.subject,
        "sender": package.sender,
        "system_id": package.system_id,
        "sha256": package.digest,
        "size_bytes": package.size_bytes,
        "accepted": package.accepted,
        "refusal": package.refusal.code if package.refusal else None,
        "stories": [{"type": kind, "key": key} for kind, key in chapter.stories],
        **_of_message(chapter),
        "parts": [
            {
                "content_id": part.content_id,
                "name": part.name,
                "content_type": part.content_type,
                "size_bytes": part.size_bytes,
                "sha256": part.digest.hex(),
            }
            for part in chapter.parts
        ],
        "sum": sum_of_states(one.state for one in chapter.deliveries).value,
        "deliveries": [
            {
                "delivery_id": delivery.id,
                "address": delivery.address,
                "state": delivery.state.value,
                "lane": delivery.lane.value,
                "cause": delivery.held_reason,
                "status_code": delivery.status_code,
                "redirect_of": delivery.redirect_of,
                "why": _reason(why.get(delivery.id)),
            }
            for delivery in chapter.deliveries
        ],
        "timeline": [
            {
                "at": instant(line.at),
                "event": line.event,
                "text": line.text,
                "index": line.index,
                "entry_id": line.entry_id,
            }
            for line in chapter.lines
        ],
    }


def _reason(why: Why | None) -> dict[str, str] | None:
    if why is None:
        return None
    return {"text": why.text, "owner": why.owner.value, "next": why.next}


def _of_message(chapter: Chapter) -> dict[str, object]:
    message = chapter.message
    if message is None:
        return {}
    return {
        "version": message.version,
        "step": message.step,
        "revision": message.revision,
        "due_at": instant(message.due_at) if message.due_at else None,
        "facts": dict(message.facts),
        "fields": {one.key: one.value for one in chapter.fields},
    }


def _refuse(engine: sa.Engine, name: str, among: list[PackageRecord]) -> NoReturn:
    """Say which documents have the number, the newest at the end, and refuse to choose."""
    from axis.trace.gather import MOST_NAMED, ambiguous

    newest = among[-MOST_NAMED:]
    names = _names(engine, {one.sender for one in newest if one.sender})
    for one in newest:
        sender = names(one.sender) if one.sender else one.system_id
        say(f"{one.document_id}  {sender}  {one.subject or ''}")
    raise ambiguous(name, among)


def _names(engine: sa.Engine, codes: set[str]) -> Callable[[str], str]:
    from axis.store.directory_names import names_of
    from axis.store.engine import transaction

    with transaction(engine) as connection:
        names = names_of(connection, codes, at=datetime.now(UTC))
    return lambda code: f"{code} {names[code]}" if code in names else code
