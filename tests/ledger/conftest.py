"""What the ledger's tests share."""

from __future__ import annotations

import pytest

from axis.ledger.entry import Sealer


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(b"k" * 32)
