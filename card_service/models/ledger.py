"""The ledger: what was posted (never changed), the lots it made, and what was spent of them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    String,
    Table,
    UniqueConstraint,
    text,
)

from card_service.kit.db.types import ascii_text, money, percent
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata, tenant_key

TRANSACTION_TYPES = (
    "EARNED", "REDEEMED", "REFERRAL_EARNED", "EXPIRED", "ADJUSTED",
    "REVERSED", "REDEEM_REVERSED", "REFERRAL_REVERSED", "BONUS", "TRANSFERRED",
)  # fmt: skip

point_transactions = Table(
    "point_transactions",
    metadata,
    key(),
    tenant_key(),
    Column("card_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("type", ascii_text(20), nullable=False),
    Column("points", money(), nullable=False),
    # The running sum of the card's ledger up to this row, pending points included.
    Column("balance_after", money(), nullable=False),
    Column("reference_type", ascii_text(20), nullable=False),
    Column("reference_id", BigInteger, nullable=True),
    Column("bill_id", BigInteger, nullable=True),
    Column("bill_amount", money(), nullable=True),
    Column("category_id", BigInteger, nullable=True),
    Column("category_name", String(200), nullable=True),
    Column("percentage", percent(), nullable=True),
    Column("referred_card_id", BigInteger, nullable=True),
    Column("referred_bill_id", BigInteger, nullable=True),
    Column("performed_by", String(120), nullable=False),
    Column("description", String(500), nullable=True),
    instant("occurred_at"),
    instant("created_at"),
    UniqueConstraint("tenant_id", "card_id", "seq"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "bill_id"),
    CheckConstraint("points <> 0", name="points"),
    CheckConstraint("seq > 0", name="seq"),
    CheckConstraint("type IN (" + ", ".join(f"'{name}'" for name in TRANSACTION_TYPES) + ")", name="type"),
    **SERVER_OPTIONS,
)

point_lots = Table(
    "point_lots",
    metadata,
    key(),
    tenant_key(),
    # Whose lot it is now; a merge moves it. `opened_*` say which ledger row made it, for ever.
    Column("card_id", BigInteger, nullable=False),
    Column("opened_card_id", BigInteger, nullable=False),
    Column("opened_seq", BigInteger, nullable=False),
    Column("source", ascii_text(20), nullable=False),
    Column("original", money(), nullable=False),
    Column("remaining", money(), nullable=False),
    Column("debt_repaid", money(), nullable=False),
    Column("expired", money(), nullable=False),
    instant("available_at"),
    instant("expires_at", nullable=True),
    # Whether its points are still counted as the card's pending ones; `available_at` says until when they should be.
    Column("is_pending", Boolean, nullable=False, server_default=text("0")),
    # Whence its date is: POLICY (the one in force then), ACTIVITY (that of the card, `active_until`) or HAND (it stays).
    Column("dated_by", ascii_text(10), nullable=False, server_default=text("'POLICY'")),
    Column("bill_id", BigInteger, nullable=True),
    Column("category_id", BigInteger, nullable=True),
    instant("created_at"),
    UniqueConstraint("tenant_id", "opened_card_id", "opened_seq"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "card_id", "remaining"),
    Index(None, "tenant_id", "bill_id"),
    CheckConstraint("remaining >= 0 AND remaining <= original", name="remaining"),
    CheckConstraint("debt_repaid >= 0 AND expired >= 0", name="parts"),
    CheckConstraint("original > 0", name="original"),
    **SERVER_OPTIONS,
)

lot_spends = Table(
    "lot_spends",
    metadata,
    key(),
    tenant_key(),
    Column("lot_id", BigInteger, nullable=False),
    # The ledger row that spent the points, on the card that held the lot then.
    Column("card_id", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("redemption_id", BigInteger, nullable=True),
    Column("points", money(), nullable=False),
    Column("restored", money(), nullable=False),
    Index(None, "tenant_id", "redemption_id"),
    Index(None, "tenant_id", "lot_id"),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    CheckConstraint("points > 0 AND restored >= 0 AND restored <= points", name="restored"),
    **SERVER_OPTIONS,
)
