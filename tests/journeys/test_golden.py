"""The worked cases of docs/contract.md section 7, over HTTP, on both databases."""

from typing import Any

import pytest

from tests.model import OverHttp
from tests.model.golden import NAMES, SCENARIOS, play


@pytest.mark.parametrize("scenario", SCENARIOS, ids=NAMES)
def test_the_service_answers_the_golden_cases(service: Any, scenario: dict[str, Any]) -> None:
    assert play(scenario, OverHttp(service.tenant(name="golden"))) > 0
