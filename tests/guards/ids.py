"""Which fields of bodies name something, what they name, and which name nothing: a new field must be put here."""

from card_service.kit.http.facts import Facts
from card_service.kit.http.fields import Choice, Day, Exact, Flag, Instant

INTS = {
    *("cardId", "cardIds", "customerId", "referrerCardId", "sourceCardId", "categoryId", "billId", "itemId", "returnId"),
    *("programId", "tierId"),
    *("campaignId", "tierIds", "categoryIds", "rewardTierId"),
}  # fmt: skip
NUMBERS = {"cardNumber", "newCardNumber", "referrerCardNumber"}
PEOPLE = {
    "customerName": "name",
    "customerPhone": "phone",
    "customerEmail": "email",
    "name": "name",
    "phone": "phone",
    "email": "email",
}
CODES = {"referralCode"}
CURSORS = {"cursor"}
IDS = INTS | NUMBERS | CODES | set(PEOPLE) | CURSORS
# Whole numbers and texts that name nothing: counts, settings, words for people.
NO_IDS = {
    "confirmCards",
    *("level", "tierLevel", "minOrders", "qualificationPeriodDays", "graceDays"),
    *("version", "limit", "minPointsToRedeem", "pointsPrecision", "restoreGraceDays", "pendingDays", "expiryMonths"),
    *("holdTtlSeconds", "currency", "timezone", "cardNumberPattern", "cardColour", "categoryName", "regulatoryClass", "basis"),
    *("code", "maxPerCard", "reference", "reason", "referralLinkBase", "segments"),
    *("priority", "days", "maxUses", "maxUsesPerCard", "fromTime", "toTime", "description"),
}  # fmt: skip
# Numbers that the caller chooses, which name nothing of the service's: those of their own kind, and a card's.
THE_CALLERS_OWN = {
    "categoryId": ("category", "restricted category", "card"),
    "customerId": ("customer", "card"),
    "itemId": ("category", "card"),
    "returnId": ("return", "bill"),
    # An id of the service's, but one that may also be that of a programme of the caller.
    "programId": ("program", "running program"),
    "tierId": ("tier",),
    "campaignId": ("campaign",),
}
# A refusal may say which of the categories or cards that were sent it is about.
ECHOED = {"categoryId", "cardIds"}
# Bodies whose `name` is that of a thing, not of a person.
THINGS = {
    "CreateCampaignBody",
    "ChangeCampaignBody",
    "CreateProgramBody",
    "ChangeProgramBody",
    "CreateTierBody",
    "ChangeTierBody",
    "CreateRuleBody",
    "ChangeRuleBody",
}
NEVER_IDS = (Exact, Flag, Choice, Instant, Day, Facts)
ONE_OF = (
    {"tierId", "tierLevel"},
    {"cardId", "cardNumber", "customerId"},
    {"referrerCardId", "referrerCardNumber", "referralCode"},
    {"phone", "email", "name", "customerId"},
)
