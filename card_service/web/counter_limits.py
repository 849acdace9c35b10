"""Why points pay no more than they do, as a sentence with its figures."""

from collections.abc import Sequence
from decimal import Decimal

from card_service.kit.money import ZERO
from card_service.web.counter_card import Category
from card_service.web.counter_quote import (
    ALL_POINTS,
    BILL_SHARE,
    BILL_TOO_SMALL,
    MONEY_PAYS_ALL,
    NO_POINTS,
    NOTHING_PAYABLE,
    Preview,
)
from card_service.web.counter_sentences import SENTENCES
from card_service.web.formats import Formats
from card_service.web.i18n import later, translate

REASONS = {
    NO_POINTS: later("The card has no points to use."),
    ALL_POINTS: later("All the points of the card may be used on this bill."),
    BILL_SHARE: later("Points may pay at most %(percent)s of the goods that can be paid in points: %(points)s points here."),
    BILL_TOO_SMALL: later(
        "This bill is too small: at least %(minimum)s points must be used at once, and that is more than may pay for it."
    ),
    NOTHING_PAYABLE: later("Nothing on this bill may be paid in points."),
    MONEY_PAYS_ALL: later("The money pays the whole bill, so no points are used."),
    "BELOW_MIN_POINTS": later("At least %(minimum)s points must be used at once, and the card has %(available)s."),
    "INSUFFICIENT_POINTS": later("The card has only %(available)s points. At most %(points)s can be used on this bill."),
    "MAX_REDEMPTION_EXCEEDED": later("At most %(points)s points, worth %(amount)s, may pay for this bill."),
}
REFUSED = REASONS | {
    "BELOW_MIN_POINTS": later("At least %(minimum)s points must be used at once. Use more, or none."),
    "MAX_REDEMPTION_EXCEEDED": later(
        "At most %(points)s points, worth %(amount)s, may pay for this bill. Use fewer, or choose “All that can be used”."
    ),
    "INSUFFICIENT_POINTS": later("The card has only %(available)s points. Use fewer, or choose “All that can be used”."),
}
"""The same where a certain number of points was asked for."""
EXCLUDED = {
    "RESTRICTED": later("%(category)s: earns no points, because the law or your pharmacy forbids it."),
    "NO_PERCENTAGE": later("%(category)s: earns no points, because it has no percentage."),
    "PROGRAM_NOT_ACTIVE": later("%(category)s: earns no points, because the programme of this card does not run today."),
}
"""Why a line earns nothing; that the system is off is said of the whole bill."""


def why_excluded(preview: Preview, categories: Sequence[Category]) -> list[str]:
    """Say of each line that earns nothing why it does not."""
    names = {category.id: category.name for category in categories}
    lines = [(EXCLUDED.get(line.excluded_reason or ""), names.get(line.category_id)) for line in preview.quote.items]
    return [translate(text, category=name) for text, name in lines if text and name]


def why_not_more(preview: Preview, formats: Formats) -> str:
    """Say what limits the points, whether or not any were asked for."""
    return _say(REASONS, preview.limit, preview, formats) if preview.limit else ""


def why_refused(preview: Preview, formats: Formats) -> str:
    """Say why the points that were asked for would not be taken; empty when they would be."""
    return _say(REFUSED, preview.refused, preview, formats) if preview.refused else ""


def _say(table: dict[str, str], code: str | None, preview: Preview, formats: Formats) -> str:
    quote, config = preview.quote, preview.config
    text = table.get(code or "") or SENTENCES.get(code or "", SENTENCES["INTERNAL_ERROR"])
    return translate(
        text,
        percent=formats.percent(config.max_redemption_percent),
        minimum=formats.points(Decimal(config.min_points_to_redeem)),
        points=formats.points(quote.max_redeemable_points),
        amount=formats.money(quote.max_redeemable_amount),
        available=formats.points(max(quote.available_points, ZERO)),
    )
