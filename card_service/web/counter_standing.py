"""How far a customer is from the next tier, as a sentence with its figures."""

from card_service.kit.days import last_day
from card_service.tiers.rules import ALL, Tier
from card_service.tiers.shown import Progress
from card_service.web.formats import Formats
from card_service.web.i18n import translate, translate_count


def way_up(progress: Progress | None, next_tier: Tier | None, formats: Formats) -> str:
    """Say what is missing to the next tier; empty at the top, and where there are no tiers."""
    if progress is None or next_tier is None:
        return ""
    name = progress.next_tier.name
    missing = _missing(progress, formats)
    if not missing or (next_tier.qualify_mode != ALL and len(missing) < _asked(progress)):
        return translate("The next bill reaches %(tier)s.", tier=name)
    between = translate("and") if next_tier.qualify_mode == ALL else translate("or")
    what = f" {between} ".join(missing)
    if progress.until is None:
        return translate("To reach %(tier)s: %(what)s.", tier=name, what=what)
    day = formats.day(last_day(progress.until, formats.timezone))
    return translate("To reach %(tier)s: %(what)s, until %(day)s.", tier=name, what=what, day=day)


def _asked(progress: Progress) -> int:
    needs = (progress.spend_needed, progress.points_needed, progress.orders_needed)
    return sum(need is not None for need in needs)


def _missing(progress: Progress, formats: Formats) -> list[str]:
    missing = []
    if progress.spend_needed:
        missing.append(translate("spend %(amount)s more", amount=formats.money(progress.spend_needed)))
    if progress.points_needed:
        missing.append(translate("earn %(points)s points more", points=formats.points(progress.points_needed)))
    if progress.orders_needed:
        missing.append(translate_count("make %(num)s more purchase", "make %(num)s more purchases", progress.orders_needed))
    return missing
