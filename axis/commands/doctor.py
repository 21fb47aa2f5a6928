"""``axis doctor``: what is wrong with this installation, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import click

from axis.commands.language import translate
from axis.commands.output import say, show_object, show_table
from axis.commands.session import Session

if TYPE_CHECKING:
    from axis.doctor.values import Answer
    from axis.errors import AxisError, Lang

_MARKS = {"good": "✓", "remark": "·", "unknown": "?", "warning": "!", "wrong": "✗"}


@click.command
@click.option("--only", multiple=True, metavar="CHECK", help="Make only this check; repeatable.")
@click.option("--list", "shows", is_flag=True, help="List the checks and what each looks at.")
@click.option("--quiet", is_flag=True, help="Say only what needs somebody.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def doctor(
    context: click.Context, only: tuple[str, ...], shows: bool, quiet: bool, as_json: bool
) -> None:
    """Check the whole installation and say what is wrong, why it matters and what to do.

    Exit 0: all is well. 1: something needs a person. 3: a check could not be made, and the others
    found nothing.

    \b
    Examples:
      axis doctor
      axis doctor --only broker --only queues
      axis --lang vi doctor --quiet
      axis doctor --json | jq '.checks[] | select(.verdict != "good")'
    """
    from axis.doctor.checks import ALL
    from axis.doctor.examine import examine, worst
    from axis.doctor.values import Verdict

    session: Session = context.obj
    lang: Lang = "vi" if session.lang == "vi" else "en"
    if shows:
        rows = [(one.name, one.vi if lang == "vi" else one.en) for one in ALL]
        show_table(("check", "looks at"), rows)
        return
    answers = examine(session.settings, only)
    verdict = worst(answers)
    if as_json:
        show_object({"verdict": verdict.value, "checks": [_object(one, lang) for one in answers]})
    else:
        _show(answers, lang, quiet=quiet)
    if verdict in (Verdict.WARNING, Verdict.WRONG):
        context.exit(1)
    if verdict is Verdict.UNKNOWN:
        context.exit(3)


def _object(answer: Answer, lang: Lang) -> Mapping[str, object]:
    from axis.doctor.values import subject_of, verdict_of

    vi = lang == "vi"
    return {
        "check": answer.check.name,
        "verdict": answer.verdict.value,
        "looks_at": answer.check.vi if vi else answer.check.en,
        "why": answer.check.why_vi if vi else answer.check.why_en,
        "facts": dict(answer.facts),
        "took_ms": round(answer.took_s * 1000),
        "found": [
            {
                "code": one.code,
                "verdict": verdict_of(one).value,
                "subject": subject_of(one),
                "text": one.refusal.text(lang),
                "next": one.refusal.hint(lang),
                "facts": dict(one.facts),
            }
            for one in answer.troubles
        ],
    }


def _show(answers: list[Answer], lang: Lang, *, quiet: bool) -> None:
    from axis.doctor.values import Verdict

    shown = [one for one in answers if not quiet or one.verdict is not Verdict.GOOD]
    rows = [
        (
            f"{_MARKS[one.verdict.value]} {one.check.name}",
            translate(one.verdict.value),
            ", ".join(f"{name}={value}" for name, value in one.facts.items()),
        )
        for one in shown
    ]
    if rows:
        show_table(("check", "verdict", "found"), rows)
    for line in _advice(shown, lang):
        click.echo(line)
    if all(one.verdict is Verdict.GOOD for one in answers):
        say("all is well")


def _advice(answers: list[Answer], lang: Lang) -> Iterator[str]:
    why = (translate("Why: "), translate("Next: "))
    skipped = [one for one in answers if any(_is_skip(each) for each in one.troubles)]
    for answer in answers:
        if not answer.troubles or answer in skipped:
            continue
        yield ""
        yield f"{_MARKS[answer.verdict.value]} {answer.check.name}"
        for one in answer.troubles:
            yield f"  {one.code}: {one.refusal.text(lang)}"
            yield f"    {why[1]}{one.refusal.hint(lang)}"
        yield f"    {why[0]}{answer.check.why_vi if lang == 'vi' else answer.check.why_en}"
    for needs in sorted({str(one.troubles[0].facts["needs"]) for one in skipped}):
        names = [one.check.name for one in skipped if one.troubles[0].facts["needs"] == needs]
        yield ""
        words = translate("not looked at because of")
        yield f"? {words} {needs}: {', '.join(names)}"


def _is_skip(error: AxisError) -> bool:
    return error.code == "doctor.skipped"
