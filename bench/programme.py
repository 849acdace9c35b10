"""What the programme adds to an earn: the plain one beside one with tiers, two campaigns and a referrer."""

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

from bench import calls
from bench.pharmacy import Pharmacy, open_pharmacy
from bench.report import Figure, Label
from bench.service import Target

PLAIN, FULL = "earn, plain", "earn with tiers, two campaigns and a referrer"
ROUNDS = 3
CLIENTS = 32
FAR = "2999-12-31T00:00:00Z"
CAMPAIGNS: Sequence[dict[str, Any]] = (
    {"name": "Double points", "type": "POINTS_MULTIPLIER", "multiplier": 2, "maxUsesPerCard": 1_000_000},
    {"name": "Wellness weeks", "type": "CATEGORY_BONUS", "multiplier": 3, "categoryIds": [2], "maxPointsPerCard": 1_000_000},
)
"""Both are counted and capped for each card, so that each earn reads and writes their counters."""


def open_programme(target: Target, cards: int) -> Pharmacy:
    """Make a second pharmacy that differs from the plain one by its tiers and its campaigns."""
    pharmacy = open_pharmacy(target.database, cards=cards, name="Programme Pharmacy")
    _post(target, pharmacy, "/tiers/presets", {"preset": "bronze-silver-gold-platinum"})
    _post(target, pharmacy, "/card-config", {"campaignStacking": "ADDITIVE"}, method="PUT")
    for campaign in CAMPAIGNS:
        body = {**campaign, "startsAt": "2020-01-01T00:00:00Z", "endsAt": FAR}
        made = _post(target, pharmacy, "/campaigns", body)
        _post(target, pharmacy, f"/campaigns/{made['id']}/activate", {})
    return pharmacy


def measure_programme(target: Target, plain: Pharmacy, full: Pharmacy, first_bill: int, seconds: float) -> list[Figure]:
    """Measure both earns in turns, so that a slower minute of the machine falls on both; gives each one's cheapest round."""
    rounds: dict[str, list[Figure]] = {PLAIN: [], FULL: []}
    for number in range(ROUNDS):
        for name, pharmacy in ((PLAIN, plain), (FULL, full)):
            requests = calls.earn(pharmacy, first_bill + number * 1_000_000)
            rounds[name].append(target.measure(Label("programme", name, CLIENTS), requests, seconds))
    return [min(figures, key=lambda figure: figure.total_ms) for figures in rounds.values()]


def _post(target: Target, pharmacy: Pharmacy, path: str, body: dict[str, Any], method: str = "POST") -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{target.live.port}/api/v1{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {pharmacy.keys['admin']}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)
