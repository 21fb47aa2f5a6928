"""Examines one package step by step and tells of every step, for vendors who have nothing else.

The steps call what the relay calls, in the same order; what the relay asks the registry, here a
pinned certificate or a set of trust anchors answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from axis.envelope.limits import Limits, Scan, prescan
from axis.envelope.package import EDXML_ONLY, Types
from axis.envelope.reader import read
from axis.envelope.rules import check, is_manifest_signed
from axis.envelope.schema import kind_of, validate
from axis.envelope.skeleton import Skeleton
from axis.envelope.tree import parse_tree
from axis.envelope.values import Envelope
from axis.envelope.vocabulary import Kind
from axis.errors import AxisError, Fault, Refusal
from axis.trust.certificates import Certificate, read_der
from axis.trust.errors import CertificateUnregisteredError
from axis.trust.material import Material
from axis.trust.path import check_validity, judge_of
from axis.trust.second_opinion import ask_signxml
from axis.trust.second_reading import compare
from axis.trust.values import VerifiedSignature
from axis.trust.verify import verify_forms

_T = TypeVar("_T")


class Outcome(StrEnum):
    """What became of a step, and of the whole (ETSI EN 319 102-1 §5.1.3)."""

    PASSED = "passed"
    FAILED = "failed"  #: these bytes can never pass
    INDETERMINATE = "indeterminate"  #: cannot tell now
    SKIPPED = "skipped"  #: an earlier step failed, or it was not asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the examination."""

    name: str
    outcome: Outcome
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All steps in their order, and what follows from them."""

    steps: tuple[Step, ...]
    signature: VerifiedSignature | None = None

    @property
    def verdict(self) -> Outcome:
        """The verdict over the package."""
        outcomes = {step.outcome for step in self.steps}
        for outcome in (Outcome.FAILED, Outcome.INDETERMINATE):
            if outcome in outcomes:
                return outcome
        return Outcome.PASSED

    @property
    def refusal(self) -> Refusal | None:
        """The refusal that decided the verdict."""
        verdict = self.verdict
        return next((step.refusal for step in self.steps if step.outcome is verdict), None)


STEPS = (
    "limits",
    "well-formed",
    "schema",
    "rules",
    "signature",
    "second-reading",
    "signxml",
    "certificate",
)


def explain(
    body: bytes,
    *,
    at: datetime,
    limits: Limits,
    material: Material,
    pinned: Certificate | None = None,
    signxml: bool = True,
    apart: Mapping[str, Mapping[str, bytes]] | None = None,
    types: Types = EDXML_ONLY,
) -> Report:
    """Examine the exact bytes of a package and report every step.

    Args:
        body: the package.
        at: the instant of acceptance to judge the certificate at.
        limits: what a package may cost.
        material: what the certificate's path is judged with.
        pinned: the one certificate that may have signed; then no path is asked for.
        apart: digests of attachments that came apart, by ContentId and digest name.
        types: reads messages of other types than edXML's own.
        signxml: whether that library is asked for its opinion too, as no relay does.
    """
    run = _Run()
    scan = run.step("limits", lambda: prescan(body, limits))
    skeleton = Skeleton(body, scan.attachment_texts if scan is not None else ())
    tree = run.step("well-formed", lambda: parse_tree(skeleton.skeleton, whole=body))
    if scan is None or tree is None:
        return run.report()
    run.step("schema", lambda: validate(tree))
    run.step("rules", lambda: _hold_to_rules(tree, skeleton, scan, limits, types))
    found = run.step("signature", lambda: verify_forms(tree, skeleton=skeleton, apart=apart))
    verified = None
    if found is not None:
        verified, forms = found
        run.step("second-reading", lambda: compare(skeleton, verified, forms))
        if signxml:
            run.step("signxml", lambda: ask_signxml(body, verified))
        run.step("certificate", lambda: _judge(verified, at, material, pinned))
    return run.report(verified)


class _Run:
    """Collects steps; after one that did not pass, the others are skipped."""

    def __init__(self) -> None:
        self._steps: dict[str, Step] = {}
        self._stopped = False

    def step(self, name: str, action: Callable[[], _T]) -> _T | None:
        if self._stopped:
            return None
        try:
            result = action()
        except AxisError as error:
            self._stopped = True
            outcome = Outcome.FAILED if error.fault is Fault.INPUT else Outcome.INDETERMINATE
            self._steps[name] = Step(name=name, outcome=outcome, refusal=error.refusal)
            return None
        self._steps[name] = Step(name=name, outcome=Outcome.PASSED)
        return result

    def report(self, signature: VerifiedSignature | None = None) -> Report:
        steps = (self._steps.get(name, Step(name=name, outcome=Outcome.SKIPPED)) for name in STEPS)
        return Report(steps=tuple(steps), signature=signature)


def _hold_to_rules(
    tree: etree._Element, skeleton: Skeleton, scan: Scan, limits: Limits, types: Types
) -> None:
    envelope: Envelope
    if kind_of(tree) is Kind.MESSAGE:
        envelope = types.read(tree, skeleton, scan, limits)
    else:
        envelope = read(tree, skeleton)
    check(tree, envelope, limits, attachments_apart=is_manifest_signed(tree))


def _judge(
    verified: VerifiedSignature, at: datetime, material: Material, pinned: Certificate | None
) -> None:
    certificate = read_der(verified.certificate_der)
    if pinned is None:
        judge_of(material).judge(certificate, at)
    elif pinned.sha256 != certificate.sha256:
        raise CertificateUnregisteredError(sha256=certificate.sha256.hex())
    else:
        check_validity(certificate.x509, at)
