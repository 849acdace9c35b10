"""Reviewing one card or a whole tenant when the admin asks for it: told first, done in pieces, or by the command."""

import pytest

from tests.servers.service import Service
from tests.tiers.pharmacy import Tiered


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
