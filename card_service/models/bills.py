"""Bills as the ledger knows them, their redemptions, and what calculate remembers of a bill not yet paid."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
)

from card_service.kit.db.types import LongText, ascii_text, money, percent, rate
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

bills = Table(
    "bills",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bill_id", BigInteger, primary_key=True, autoincrement=False),
    Column("card_id", BigInteger, nullable=False),
    Column("state", ascii_text(20), nullable=False),
    Column("redemption_id", BigInteger, nullable=True),
    # How many redemptions there were on it: another may follow a hold that is over.
    Column("redemption_count", Integer, nullable=False, server_default=text("0")),
    Column("bill_amount", money(), nullable=True),
    # What came back of it, all of it once it is cancelled; the version before this one does not write it.
    Column("amount_returned", money(), nullable=False, server_default=text("0")),
    # The lines of the earn, one document: it is read and written whole, under the card's lock (docs/adr).
    Column("lines", LongText, nullable=True),
    # What each campaign has given on the bill, and what of it still counts; empty for a bill that met none.
    Column("campaigns", LongText, nullable=True),
    Column("points_precision", Integer, nullable=False),
    Column("points_earned", money(), nullable=False),
    Column("points_reversed", money(), nullable=False),
    Column("referrer_card_id", BigInteger, nullable=True),
    Column("referral_percent", percent(), nullable=False),
    Column("referrer_points_earned", money(), nullable=False),
    Column("referrer_points_reversed", money(), nullable=False),
    # What of that was not taken, for it had expired in the referrer's own lot.
    Column("referrer_points_forgiven", money(), nullable=False, server_default=text("0")),
    # Whether `bill_bonuses` has rows of this bill: a return of one that has none does not look.
    Column("has_bonuses", Boolean, nullable=False, server_default=false()),
    instant("occurred_at", nullable=True),
    instant("earned_at", nullable=True),
    instant("cancelled_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    ForeignKeyConstraint(["tenant_id", "referrer_card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    # What was bought in a while, whoever bought it: to try a campaign, and to compare the bills of one with others.
    Index(None, "tenant_id", "occurred_at"),
    Index(None, "tenant_id", "card_id", "occurred_at"),
    CheckConstraint("state IN ('OPEN', 'PARTIALLY_RETURNED', 'CANCELLED')", name="state"),
    CheckConstraint("points_reversed >= 0 AND points_reversed <= points_earned", name="reversed"),
    CheckConstraint(
        "referrer_points_reversed >= 0 AND referrer_points_reversed <= referrer_points_earned", name="referrer_reversed"
    ),
    **SERVER_OPTIONS,
)

BONUS_KINDS = ("CAMPAIGN", "CHALLENGE", "FIRST_PURCHASE", "REFERRED", "REFERRAL")

bill_bonuses = Table(
    "bill_bonuses",
    metadata,
    key(),
    tenant_key(),
    Column("bill_id", BigInteger, nullable=False),
    # Who got it: the card of the bill, or its referrer. With `opened_seq` it names the lot for ever, also after a merge.
    Column("card_id", BigInteger, nullable=False),
    Column("opened_seq", BigInteger, nullable=False),
    Column("kind", ascii_text(20), nullable=False),
    # The campaign or the earning rule that gave it, as it was called then; both give REFERRAL and REFERRED.
    Column("source_id", BigInteger, nullable=False),
    Column("of_campaign", Boolean, nullable=False, server_default=false()),
    Column("name", String(200), nullable=False),
    Column("points", money(), nullable=False),
    Column("min_bill", money(), nullable=False),
    Column("reversed", money(), nullable=False),
    Column("forgiven", money(), nullable=False),
    instant("created_at"),
    UniqueConstraint("tenant_id", "card_id", "opened_seq"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "bill_id"),
    CheckConstraint("kind IN (" + ", ".join(f"'{name}'" for name in BONUS_KINDS) + ")", name="kind"),
    CheckConstraint("points > 0", name="points"),
    CheckConstraint("reversed >= 0 AND reversed <= points AND forgiven >= 0 AND forgiven <= reversed", name="reversed"),
    **SERVER_OPTIONS,
)

redemptions = Table(
    "redemptions",
    metadata,
    key(),
    tenant_key(),
    Column("bill_id", BigInteger, nullable=False),
    Column("card_id", BigInteger, nullable=False),
    Column("status", ascii_text(20), nullable=False),
    Column("points", money(), nullable=False),
    Column("amount", money(), nullable=False),
    Column("rate", rate(), nullable=False),
    Column("points_restored", money(), nullable=False),
    Column("amount_restored", money(), nullable=False),
    Column("treatment", ascii_text(20), nullable=False),
    Column("allocation", LongText, nullable=False),
    instant("hold_expires_at", nullable=True),
    # When a hold gave its points back: before `hold_expires_at` it was cancelled, from then on it has lapsed.
    instant("released_at", nullable=True),
    instant("created_at"),
    instant("updated_at"),
    UniqueConstraint("tenant_id", "id"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "bill_id"),
    Index(None, "tenant_id", "status", "card_id"),
    CheckConstraint("status IN ('HELD', 'COMMITTED', 'RELEASED')", name="status"),
    CheckConstraint("points > 0 AND points_restored >= 0 AND points_restored <= points", name="restored"),
    CheckConstraint("amount_restored >= 0 AND amount_restored <= amount", name="amount_restored"),
    **SERVER_OPTIONS,
)

bill_quotes = Table(
    "bill_quotes",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("bill_id", BigInteger, primary_key=True, autoincrement=False),
    Column("payable_amount", money(), nullable=False),
    Column("lines", LongText, nullable=False),
    instant("updated_at"),
    **SERVER_OPTIONS,
)
