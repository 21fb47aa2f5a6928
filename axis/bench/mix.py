"""What a day of the nation is made of: which packages, how large, to how many, and who answers.

In July 2025 the national axis and VDXP carried 2.8 million packages in 31 days: 90,323 a day. Of a
day, 61 % are statuses of some 2 kB; of the documents 60 % have 30 kB, 30 % 200 kB, 9 % 1 MB and 1 %
10 MB, and each goes to 3.6 offices. Every status here answers a delivery of the same day: an office
that answers says 01 (arrived) and then 03 (registered), as often as makes up the 61 %.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

DAY: Final = 90_323  #: packages
STATUSES: Final = 0.61  #: of the packages
#: (share of the documents, bytes of the package)
SIZES: Final = ((0.60, 30_000), (0.30, 200_000), (0.09, 1_000_000), (0.01, 10_000_000))
RECIPIENTS: Final = (1, 1, 1, 2, 2, 3, 4, 5, 7, 10)  #: each as likely; 3.6 on average
EACH: Final = ("01", "03")  #: what an office that answers says, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document of the day."""

    number: int
    sender: str  #: OrganId
    to: tuple[str, ...]
    size_bytes: int  #: of the package, about
    answering: frozenset[str]  #: which of ``to`` say 01 and 03


def plan(scale: float, codes: Sequence[str], *, seed: int = 1) -> list[Paper]:
    """Return the documents of a day, or of a part of one; the same for the same seed.

    Every size is there in its share and every number of recipients as often as any other, so that
    two runs carry the same load; chance decides only their order and who writes to whom.

    Args:
        scale: 1 is the whole day.
        codes: the offices that write and receive; more than ten.
        seed: of the order.
    """
    chance = random.Random(seed)  # noqa: S311  a load, no secret
    packages = round(DAY * scale)
    documents = max(1, round(packages * (1 - STATUSES)))
    sizes = _shared_out(documents)
    many = [RECIPIENTS[number % len(RECIPIENTS)] for number in range(documents)]
    chance.shuffle(sizes)
    chance.shuffle(many)
    answers = _spread((packages - documents) // len(EACH), sum(many))
    papers = []
    for number, (size, count) in enumerate(zip(sizes, many, strict=True)):
        sender, *to = chance.sample(codes, count + 1)
        papers.append(
            Paper(
                number=number,
                sender=sender,
                to=tuple(to),
                size_bytes=size,
                answering=frozenset(code for code in to if next(answers)),
            )
        )
    return papers


def _shared_out(documents: int) -> list[int]:
    sizes = [size for share, size in SIZES for _ in range(round(share * documents))]
    usual = SIZES[0][1]
    return (sizes + [usual] * documents)[:documents]


def _spread(chosen: int, places: int) -> Iterator[bool]:
    """Yield for each place whether it is among the chosen, which stand as far apart as can be."""
    for place in range(places):
        yield (place + 1) * chosen // places > place * chosen // places
