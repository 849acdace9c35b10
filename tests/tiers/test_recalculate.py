"""Reviewing one card or a whole tenant when the admin asks for it: told first, done in pieces, or by the command."""

import json
from pathlib import Path

import pytest

from card_service.kit import pace
from card_service.tiers import recalculate
from tests.jobs.processes import Running
from tests.jobs.slowly import slowly
from tests.servers.commands import card_service
from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered

CARDS = 8


@pytest.fixture
def waiting(service: Service) -> Tiered:
    """Open a pharmacy whose cards all reach a tier that was made after they had bought; one more has bought nothing."""
    pharmacy = Tiered(service)
    for _ in range(CARDS):
        pharmacy.earn(pharmacy.card(), 100)
    pharmacy.card()
    # The commands go by the system's clock, whatever day that is.
    pharmacy.tier(1, "Plus", minSpend=100, qualificationPeriodDays=3650)
    return pharmacy


def lifted(pharmacy: Tiered) -> int:
    """Count the cards that were lifted."""
    sql = "SELECT COUNT(*) FROM tier_history WHERE tenant_id = :tenant"
    return int(pharmacy.service.database.rows(sql, tenant=pharmacy.tenant.id)[0][0])


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_closed_card_is_where_it_was(service: Service, *, dry_run: bool) -> None:
    pharmacy = Tiered(service)
    card = pharmacy.card(customerId=7)
    pharmacy.earn(card, 20_000)
    pharmacy.preset()
    assert pharmacy.tenant.admin.delete(f"/cards/{card}").status == 204

    shown = pharmacy.review(card, dry_run=dry_run)

    assert (shown["upgraded"], shown["downgraded"], shown["inGrace"], shown["changes"]) == (0, 0, 0, [])
    assert (pharmacy.name(card), pharmacy.history(card)) == ("BRONZE", [])


def test_what_does_not_fit_into_a_request_is_left_and_done_by_asking_again(
    waiting: Tiered, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Time for one card, which is always done.
    monkeypatch.setattr(pace, "CHANGE_SECONDS", -1)
    assert waiting.review(dry_run=True)["cardsLeft"] == CARDS
    answers = [waiting.review() for _ in range(CARDS)]

    assert [(answer["reviewed"], answer["cardsLeft"]) for answer in answers] == [(2 + n, CARDS - 1 - n) for n in range(CARDS)]
    assert [(answer["upgraded"], len(answer["changes"])) for answer in answers] == [(1, 1)] * CARDS
    assert lifted(waiting) == CARDS
    assert waiting.review() == answers[-1] | {"upgraded": 0, "changes": []}


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_tenant_of_more_cards_than_a_request_can_look_at_is_told_of_the_command(
    waiting: Tiered, monkeypatch: pytest.MonkeyPatch, *, dry_run: bool
) -> None:
    # Only more cards than a test can make would take so long.
    monkeypatch.setattr(pace, "LOOK_SECONDS", -1)
    monkeypatch.setattr(recalculate, "BATCH", 3)

    refused = waiting.tenant.admin.post("/tiers/recalculate", {"dryRun": dry_run})

    assert (refused.status, refused.json["code"]) == (422, "VALIDATION_FAILED")
    assert f"card-service tenant recalculate-tiers --tenant {waiting.tenant.id}" in refused.json["detail"]
    assert lifted(waiting) == 0


def test_the_command_tells_what_it_would_do_and_does_it(waiting: Tiered) -> None:
    command = ("tenant", "recalculate-tiers", "--tenant", str(waiting.tenant.id))

    told = card_service(waiting.service.database, *command, "--dry-run")

    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == "9 cards reviewed: would go up 8, would go down 0, in grace 0; 8 to be changed.\n"
    assert lifted(waiting) == 0
    done = json.loads(card_service(waiting.service.database, *command, "--json").stdout)
    figures = {"dryRun": False, "reviewed": 9, "upgraded": 8, "downgraded": 0, "inGrace": 0, "cardsLeft": 0}
    assert done | {"changes": []} == figures | {"changes": []}
    assert {change["to"]["name"] for change in done["changes"]} == {"Plus"}
    assert lifted(waiting) == CARDS
    again = card_service(waiting.service.database, *command)
    assert (again.returncode, again.stdout) == (0, "9 cards reviewed: up 0, down 0, in grace 0.\n")
    nobody = card_service(waiting.service.database, *command[:-1], str(2**62))
    assert (nobody.returncode, "There is no tenant" in nobody.stderr) == (1, True)


def test_sigterm_stops_the_command_between_two_cards_and_the_next_goes_on(waiting: Tiered, tmp_path: Path) -> None:
    database = waiting.service.database
    command = ("tenant", "recalculate-tiers", "--tenant", str(waiting.tenant.id))
    with slowly(database, "tier_history", times=10):
        running = Running(database, *command, log=tmp_path / "log")
        assert running.wait_until(lambda: lifted(waiting) > 0)
        assert running.stop() == 1

    done = lifted(waiting)
    assert 0 < done < CARDS
    said = f"STOPPED, to be gone on with; {done + 1} cards reviewed: up {done}, down 0, in grace 0; {CARDS - done} to be changed."
    assert said in running.log.read_text()
    assert card_service(database, *command).returncode == 0
    assert lifted(waiting) == CARDS
