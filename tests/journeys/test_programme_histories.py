"""Random histories of the programme, played on the service and the model together: tiers, campaigns, holds, expiry.

They differ from those of test_histories.py in that few things happen, often, on two cards: each history is a referrer's
and a friend's, and most of it is bills, returns and months that pass.
"""

from collections import Counter
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.journeys.member import Member
from tests.journeys.test_histories import PROFILE, profile_for
from tests.model import programme_draws
from tests.model.answers import Body

EXPECTED_OUTCOMES = {
    *("earn_points", "redeem_points", "reverse_points", "calculate", "merge", "replayed"),
    *("confirm_redemption", "cancel_redemption", "HOLD_EXPIRED", "BILL_ALREADY_REDEEMED", "a hold lapsed"),
    *("pendingPoints", "points became available", "points expired", "expired points not taken again"),
    *("tier changed by earn_points", "tier changed by reverse_points", "tier changed by a review", "points because of TIER"),
    *("points because of CAMPAIGN", "points because of CAP", "CAMPAIGN", "bonusPoints", "bonusPointsReversed"),
    *("NO_CATEGORY", "OUTSIDE_HOURS", "MIN_SPEND", "EXCLUDED", "BUDGET_SPENT", "CAMPAIGN_STATE"),
    *("FIRST_PURCHASE", "REFERRAL", "REFERRED", "points of a bill wait for different days"),
    *("USES_EXHAUSTED", "POINTS_EXHAUSTED", "CARD_POINTS_EXHAUSTED", "CARD_USES_EXHAUSTED"),
}
EXPECTED_OF_SOME = {
    *("SEGMENT", "NOT_JOINED", "participate", "earn_activity", "eligible", "CHALLENGE"),
    *("a challenge was won", "a friend was paid by a campaign"),
}
EVENTS = [
    programme_draws.event(
        "buy", pick=programme_draws.buyers, lines=programme_draws.items, days_back=st.sampled_from([None, None, None, 1, 6])
    ),
    programme_draws.event("buy_and_bring_some_back", lines=programme_draws.items, parts=programme_draws.brought_back),
    programme_draws.event("quote_and_buy", pick=programme_draws.buyers, lines=programme_draws.items),
    programme_draws.event("spend", lines=programme_draws.items, how=st.sampled_from(["all", "half"]), earns=st.booleans()),
    programme_draws.event(
        "hold", lines=programme_draws.items, how=st.sampled_from(["all", "half", "third"]), events=programme_draws.after_a_hold
    ),
    programme_draws.event(
        "return_a_part", pick=programme_draws.picks, return_id=st.integers(1, 3), parts=programme_draws.brought_back
    ),
    programme_draws.event("bring_it_all_back", pick=programme_draws.picks),
    programme_draws.event("bring_it_all_back", pick=programme_draws.picks),
    programme_draws.event("adjust", points=programme_draws.amounts, expires_in=st.sampled_from([None, 0, 20, 40])),
    programme_draws.event("change_the_configuration", change=programme_draws.later_settings),
    programme_draws.event("become_one_card", into=st.integers(0, 1), referred=st.booleans()),
    programme_draws.event("review_tiers"),
    programme_draws.event("review_tiers"),
    programme_draws.event(
        "set_a_tier", pick=programme_draws.picks, level=st.integers(0, 2), days=st.sampled_from([None, 0, 5, 40])
    ),
    programme_draws.event(
        "a_campaign_changes",
        pick=st.integers(0, 2),
        events=st.lists(st.sampled_from(["pause", "activate", "end"]), min_size=1, max_size=3),
    ),
    programme_draws.event("look", pick=st.integers(0, 2)),
]
OF_SOME = [
    *EVENTS,
    programme_draws.event(
        "bring_a_friend",
        lines=programme_draws.items,
        phone=st.sampled_from([None, "+919800000001"]),
        blocked=st.sampled_from([False, False, True]),
    ),
    programme_draws.event("take_part", pick=programme_draws.buyers, campaign=st.integers(0, 2)),
    programme_draws.event(
        "be_active",
        pick=programme_draws.buyers,
        done=st.lists(st.tuples(programme_draws.activities, st.integers(1, 3)), min_size=1, max_size=3),
    ),
    programme_draws.event("change_segments", pick=programme_draws.buyers, segments=programme_draws.segments),
]


def test_random_histories_of_the_programme_agree_with_the_model(service: Any) -> None:
    profile = profile_for(service)
    outcomes = _play(service, profile, programme_draws.made, programme_draws.histories(*EVENTS))
    if profile is PROFILE:
        assert set(outcomes) >= EXPECTED_OUTCOMES, EXPECTED_OUTCOMES - set(outcomes)


def test_random_histories_of_challenges_friends_and_activities_agree_with_the_model(service: Any) -> None:
    profile = settings(profile_for(service), max_examples=profile_for(service).max_examples // 3)
    outcomes = _play(service, profile, programme_draws.made_for_some, programme_draws.histories(*OF_SOME))
    if service.database.kind == "sqlite":
        assert set(outcomes) >= EXPECTED_OF_SOME, EXPECTED_OF_SOME - set(outcomes)


def _play(service: Any, profile: settings, made: Any, lives: Any) -> Counter[str]:
    outcomes: Counter[str] = Counter()

    @settings(profile, phases=(Phase.generate,))
    @given(
        config=programme_draws.settings,
        expiry=programme_draws.expiries,
        stacking=programme_draws.stackings,
        made=made,
        joins=st.booleans(),
        events=lives,
    )
    def play(
        config: Body,
        expiry: Body,
        stacking: Body,
        made: dict[str, list[Body]],
        joins: bool,  # noqa: FBT001 - drawn
        events: list[tuple[programme_draws.Event, int]],
    ) -> None:
        member = Member(service, {**config, **expiry, **stacking}, made)
        if joins:
            member.join_what_is_joined()
        for (name, drawn), hours in events:
            getattr(member, name)(**drawn)
            member.wait(hours)
        member.look(1)
        member.history.close()
        outcomes.update(member.history.outcomes)

    play()
    return outcomes
