"""Earning a bill and returning all of it leaves points, tier, figures, campaigns and bonuses exactly as they were."""

from collections import Counter
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.journeys.member import Member
from tests.journeys.test_histories import PROFILE
from tests.model import programme_draws
from tests.model.answers import Body
from tests.model.challenges import CHALLENGE

MOMENT = {"asOf", "since", "until", "version", "lastTransactionAt", "joinedAt"}
"""What tells when, not how much: `until` of figures is of a bill that came back too."""


def _without_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_moments(part) for name, part in value.items() if name not in MOMENT}
    return [_without_moments(part) for part in value] if isinstance(value, list) else value


def _standing(member: Member) -> list[Any]:
    """What the service itself says of both cards and of every campaign."""
    http = member.history.http
    answers = [read(card_id) for card_id in member.history.cards for read in (http.balance, http.tier_of, http.get_card)]
    answers += [http.campaign_results(campaign_id) for campaign_id in member.made["campaign"]]
    challenges = [one.id for one in member.history.model.books.campaigns.values() if one.kind == CHALLENGE]
    answers += [http.progress(campaign_id, card_id) for campaign_id in challenges for card_id in member.history.cards]
    assert {answer.status for answer in answers} == {200}
    counters = {"uses", "points", "amount", "spent"}
    bodies = [{n: body[n] for n in counters & set(body)} if "uses" in body else body for body in (x.body for x in answers)]
    return [_without_moments(body) for body in bodies]


def test_a_bill_that_comes_back_whole_has_never_been(service: Any) -> None:
    undone, done = [], Counter[str]()

    @settings(PROFILE, max_examples=100, phases=(Phase.generate,))
    @given(
        config=programme_draws.settings,
        stacking=programme_draws.stackings,
        made=programme_draws.made_for_some,
        before=st.lists(programme_draws.items, max_size=2),
        lines=programme_draws.items,
    )
    def play(config: Body, stacking: Body, made: dict[str, list[Body]], before: list[list[Body]], lines: list[Body]) -> None:
        member = Member(service, {**config, **stacking, "referralPointsPercent": 5}, made)
        member.join_what_is_joined()
        for earlier in before:
            member.buy(1, earlier, None)
        was, so_far = _standing(member), Counter(member.history.outcomes)
        member.buy(1, lines, None)
        done.update((member.history.outcomes - so_far).keys())
        undone.append(_standing(member) != was)
        member.bring_it_all_back(pick=len(before))
        assert _standing(member) == was

    play()
    assert sum(undone) > len(undone) / 2
    assert set(done) >= {"CHALLENGE", "REFERRAL", "REFERRED", "FIRST_PURCHASE", "CAMPAIGN"}, done
