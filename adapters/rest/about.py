"""What the API says of itself: the caller's rights and bounds, each refusal, the description."""

from __future__ import annotations

from typing import Final

from adapters.gateway.errors import NoSuchPathError
from adapters.rest.answer import Answer, as_json
from adapters.rest.call import Call
from adapters.rest.operation import Content, Operation
from adapters.rest.shapes import Shape
from axis import __version__
from axis.errors import catalogue


class Me(Shape, frozen=True):
    """Who the caller is, and what it may."""

    system_id: str
    proof: str  #: ``token`` or ``certificate``
    credential: str  #: its id
    scopes: list[str]
    rate: str
    quota: str
    quota_bytes: int
    package_bytes: int
    part_bytes: int
    wait_s: int
    poll_s: int
    axis: str  #: version


class Explained(Shape, frozen=True):
    """What a code means, in both languages."""

    code: str
    fault: str
    meaning: str
    en: str
    vi: str
    hint_en: str
    hint_vi: str


async def me(call: Call) -> Answer:
    """Tell the caller who it is."""
    settings, caller = call.installation.settings, call.caller
    own = settings.gateway
    return as_json(
        Me(
            system_id=caller.system_id,
            proof=caller.proof.value,
            credential=caller.credential,
            scopes=sorted(scope.value for scope in caller.scopes),
            rate=own.rate,
            quota=own.quota,
            quota_bytes=own.quota_bytes,
            package_bytes=settings.limits.package_bytes,
            part_bytes=settings.parts.part_bytes,
            wait_s=int(own.wait_s),
            poll_s=int(own.poll_s),
            axis=__version__,
        )
    )


async def explain(call: Call) -> Answer:
    """Explain a code."""
    code = call.word("code")
    known = await call.installation.in_thread(catalogue)
    refusal = known.get(code)
    if refusal is None:
        raise NoSuchPathError
    return as_json(
        Explained(
            code=code,
            fault=refusal.fault.value,
            meaning=(refusal.__doc__ or "").partition("\n")[0],
            en=refusal.en,
            vi=refusal.vi,
            hint_en=refusal.hint_en,
            hint_vi=refusal.hint_vi,
        )
    )


OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/me",
        name="showMe",
        group="About",
        summary="Tell who the caller is, and its bounds",
        handler=me,
        answers={200: Content(meaning="The caller", shape=Me)},
    ),
    Operation(
        method="GET",
        path="/errors/{code}",
        name="explainError",
        group="About",
        summary="Explain a code in English and Vietnamese",
        handler=explain,
        public=True,
        path_examples={"code": "http.digest-mismatch"},
        answers={200: Content(meaning="What it means", shape=Explained)},
    ),
)
