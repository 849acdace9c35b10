"""The scenarios of tests/cases/golden.json, and how one is played on the model or on the running service."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from .answers import Answer, Body
from .model import Pharmacy
from .over_http import OverHttp

GOLDEN = Path(__file__).parents[1] / "cases" / "golden.json"
CALLS = {
    "calculate": "calculate",
    "earn-points": "earn_points",
    "redeem-points": "redeem_points",
    "reverse-points": "reverse_points",
}
_FILE: Body = json.loads(GOLDEN.read_text(), parse_float=Decimal)
SCENARIOS: list[Body] = _FILE["scenarios"]
NAMES: list[str] = [scenario["name"] for scenario in SCENARIOS]


def play(scenario: Body, pharmacy: Pharmacy | OverHttp) -> int:
    """Set the scenario up, run its steps in order, compare every expected value; return how many were compared."""
    cards = _set_up(scenario, pharmacy)
    return sum(
        _check(f"{scenario['name']!r}, step {number}", step, _run(step, cards, pharmacy))
        for number, step in enumerate(scenario["steps"], 1)
    )


def _set_up(scenario: Body, pharmacy: Pharmacy | OverHttp) -> dict[str, int]:
    defaults = _FILE["defaults"]
    _done(pharmacy.put_config({**defaults["config"], **scenario.get("config", {})}), 200)
    for row in scenario.get("categories", defaults["categories"]):
        _done(pharmacy.save_category(row), 201)
    for row in scenario.get("discounts", []):
        _done(pharmacy.save_discount(row), 201)
    for row in scenario.get("restrictions", []):
        _done(pharmacy.save_restriction(row), 201)
    cards: dict[str, int] = {}
    for name, wanted in scenario["cards"].items():
        referrer = {"referrerCardId": cards[wanted["referrer"]]} if "referrer" in wanted else {}
        cards[name] = _done(pharmacy.issue_card({"customerName": name, **referrer}), 201)["id"]
        for opening in wanted.get("opening", []):
            _done(pharmacy.adjust_points(cards[name], {"reason": "opening", **opening}), 200)
    return cards


def _run(step: Body, cards: dict[str, int], pharmacy: Pharmacy | OverHttp) -> Answer:
    if step["call"] == "balance":
        return pharmacy.balance(cards[step["card"]])
    call = getattr(pharmacy, CALLS[step["call"]])
    answer = call({"cardId": cards[step["card"]], **step["body"]})
    assert isinstance(answer, Answer)
    return answer


def _check(where: str, step: Body, answer: Answer) -> int:
    assert answer.status == step.get("status", 200), (where, answer)
    assert answer.replayed == step.get("replayed", False), (where, answer)
    found: Body = {name: answer.body.get(name, "missing") for name in step["expect"]}
    assert found == step["expect"], where
    lines: dict[str, Any] = {str(line["categoryId"]): line for line in answer.body.get("items", [])}
    for category_id, expected in step.get("expectItems", {}).items():
        assert {name: lines[category_id].get(name, "missing") for name in expected} == expected, (where, category_id)
    return len(found) + sum(len(expected) for expected in step.get("expectItems", {}).values())


def _done(answer: Answer, status: int) -> Body:
    assert answer.status == status, answer
    return answer.body
