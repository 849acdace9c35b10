"""What a cashier is told: one sentence a refusal, which says what happened and what to do next."""

from collections.abc import Mapping
from typing import Any

from card_service.kit.errors import ServiceError
from card_service.web.csrf import ForeignRequest
from card_service.web.formats import Formats
from card_service.web.i18n import later, translate

SENTENCES = {
    "MALFORMED_JSON": later("The page sent something that the service could not read. Load the page again and repeat."),
    "BODY_TOO_LARGE": later(
        "The page sent more than the service takes at once. Load the page again and repeat with fewer lines."
    ),
    "UNSUPPORTED_MEDIA_TYPE": later("The page sent something that the service could not read. Load the page again and repeat."),
    "METHOD_NOT_ALLOWED": later("This address does not do that. Go back to the counter and start again."),
    "UNAUTHENTICATED": later("You are signed out. Sign in again, then repeat the last step."),
    "FORBIDDEN": later("Your account may not do this. Ask an administrator of your pharmacy."),
    "RATE_LIMITED": later("Too many requests at once. Wait a few seconds, then try again."),
    "TRY_AGAIN": later("The service is busy and nothing was written. Try again now."),
    "INTERNAL_ERROR": later(
        "Something went wrong in the service. Repeat the step: a bill is never counted twice. If it fails again, call support."
    ),
    "HTTP_ERROR": later("The page could not be served. Go back to the counter and start again."),
    "NOT_FOUND": later("There is nothing at this address. Go back to the counter and start again."),
    "CARD_NOT_FOUND": later("No such card. Check the number, or find the customer by phone or name."),
    "CODE_UNREADABLE": later(
        "The card's number cannot be drawn so that a reader reads it. Give the card a new number, then print it."
    ),
    "BILL_NOT_FOUND": later("No bill with this number has used a card. Check the number on the receipt."),
    "CARD_SYSTEM_DISABLED": later(
        "The card system is switched off, so no points can be earned or used. Take the payment in money, or ask an administrator."
    ),
    "CARD_NOT_ACTIVE": later(
        "This card is blocked or closed: it neither earns nor pays. Take the payment in money; an administrator can unblock it."
    ),
    "CARD_REPLACED": later(
        "This card was replaced and its old number no longer works. Ask for the new card, or find the customer by phone or name."
    ),
    "CARD_MISMATCH": later("This bill belongs to another customer's card. Scan that card, or start a new bill."),
    "CARD_EXISTS": later(
        "There is a card with this number, or this customer has one already. Find the customer by number, phone or name instead."
    ),
    "BILL_ALREADY_EARNED": later("This bill has already earned its points and cannot be changed. Start a new bill."),
    "BILL_ALREADY_REDEEMED": later(
        "Points have already been used on this bill. Apply it as it was, return it, or start a new bill."
    ),
    "BILL_CANCELLED": later("This bill was returned whole and cannot be used again. Start a new bill."),
    "HOLD_EXPIRED": later("The points were held too long and were given back. Apply the bill again."),
    "CAMPAIGN_STATE": later("This campaign does not run now. Scan the card again to see which campaigns there are."),
    "PROGRAM_STATE": later("The programme is not in a state that allows this. Ask an administrator of your pharmacy."),
    "PROGRAM_NOT_ACTIVE": later("The programme does not run today. Ask an administrator of your pharmacy."),
    "TIER_IN_USE": later("This tier is in use, so it cannot be switched off. Ask an administrator of your pharmacy."),
    "TIERS_EXIST": later("Your pharmacy has tiers already, so no others were made. Ask an administrator to change them."),
    "ACTIVITY_CAPPED": later("The customer has had these points as often as may be. Nothing was added."),
    "NO_RULE": later("Your pharmacy gives no points for this. Ask an administrator of your pharmacy."),
    "RETURN_ALREADY_MADE": later(
        "This return was already made with other amounts. Look the bill up again to see what is left of it."
    ),
    "REQUEST_IN_PROGRESS": later("The same step is still being worked on. Wait a moment, then repeat it."),
    "VERSION_CONFLICT": later("Somebody else has just changed this. Load the page again, then repeat."),
    "VALIDATION_FAILED": later("Something in the form is missing or wrong. Check what you typed."),
    "BELOW_MIN_POINTS": later("Fewer points than can be used at once. Use more points, or none."),
    "INSUFFICIENT_POINTS": later("The card does not have that many points. Use fewer, or choose “All that can be used”."),
    "MAX_REDEMPTION_EXCEEDED": later("More points than may pay for this bill. Use fewer, or choose “All that can be used”."),
    "BILL_AMOUNT_REQUIRED": later("The service does not know this bill yet. Type its amounts again, then apply."),
    "RETURN_EXCEEDS_BILL": later("More is returned than is left of the bill. Check the amounts against what is left."),
    "IDEMPOTENCY_KEY_REUSED": later("This form was already sent with other contents. Load the page again, then repeat."),
    "OCCURRED_AT_INVALID": later(
        "The bill is older than 7 days, or this device's clock is wrong. Its points need an administrator."
    ),
    "REFERRER_INVALID": later(
        "This card cannot be the referrer: it must be another customer's active card, and whom it brings must never have had"
        " a card here. Check its number, or leave the field empty."
    ),
}
"""Every code that a refusal can carry (docs/contract.md section 1), and the sentence for it."""

FOREIGN = later("This page is out of date, or was not opened by this service. Load it again, then repeat; nothing was done.")
FIELDS = {
    "customerName": later("Write the customer's name, at most 200 letters."),
    "customerPhone": later("Write the phone number with 3 to 20 digits; a plus, spaces, dashes and brackets may be in it."),
    "customerId": later("A customer number is a whole number, such as 1042. Correct it, or leave the field empty."),
    "cardNumber": later(
        "This is not a card number of your pharmacy. Scan the card, or leave the field empty to have a number made."
    ),
    "referrerCardNumber": later(
        "Scan the referrer's card, or write the referral code: one of the two, or leave both fields empty."
    ),
    "birthDate": later("This cannot be a birth date. Write it as year-month-day, such as 1980-05-31, or leave the field empty."),
    "referralCode": later("A referral code has ten letters and digits. Check it, or leave the field empty."),
    "billId": later("A bill number is a whole number, as printed on the receipt. Check it."),
    "points": later("Type how many points to use, more than 0."),
}
"""What to say about a field, by its name on the wire."""


def sentence_of(error: ServiceError, formats: Formats | None = None) -> str:
    """Say a refusal in the language of the request, with its figures where it has some."""
    if (errors := getattr(error, "errors", None)) and isinstance(errors, Mapping):
        said = [translate(FIELDS[name]) for name in errors if name in FIELDS]
        if said:
            return " ".join(said)
    if isinstance(error, ForeignRequest):
        # Its code is that of a wrong role, which is not what has happened.
        return translate(FOREIGN)
    if formats is not None and (exact := _with_figures(error.code, error.extra, formats)) is not None:
        return exact
    return sentence(error.code)


def sentence(code: str) -> str:
    """Say a code; one that is not in the table is a fault of ours, and said as one."""
    return translate(SENTENCES.get(code, SENTENCES["INTERNAL_ERROR"]))


def _with_figures(code: str, figures: Mapping[str, Any], formats: Formats) -> str | None:
    if code == "BELOW_MIN_POINTS" and "minPoints" in figures:
        return translate(
            later("At least %(points)s points must be used at once. Use more, or none."),
            points=formats.points(figures["minPoints"]),
        )
    if code == "INSUFFICIENT_POINTS" and "availablePoints" in figures:
        return translate(
            later("The card has only %(points)s points. Use fewer, or choose “All that can be used”."),
            points=formats.points(figures["availablePoints"]),
        )
    if code == "MAX_REDEMPTION_EXCEEDED" and "maxPoints" in figures:
        return translate(
            later(
                "At most %(points)s points, worth %(amount)s, may pay for this bill. Use fewer, or choose “All that can be used”."
            ),
            points=formats.points(figures["maxPoints"]),
            amount=formats.money(figures["maxAmount"]),
        )
    return None
