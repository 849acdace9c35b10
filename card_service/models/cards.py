"""Cards, and every number that was ever theirs."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from card_service.kit.db.types import ascii_text, money
from card_service.models.base import SERVER_OPTIONS, instant, key, metadata

loyalty_cards = Table(
    "loyalty_cards",
    metadata,
    key(),
    Column("tenant_id", BigInteger, ForeignKey("tenants.id"), nullable=False),
    Column("card_number", ascii_text(50), nullable=False),
    Column("customer_id", BigInteger, nullable=True),
    Column("customer_name", String(200), nullable=True),
    Column("customer_phone", ascii_text(30), nullable=True),
    Column("customer_email", String(254), nullable=True),
    Column("birth_date", Date, nullable=True),
    # Month and day of the birthday as MMDD, for the index that the job of birthdays reads by.
    Column("birth_month_day", Integer, nullable=True),
    # Labels of the tenant's own, separated by commas.
    Column("segments", ascii_text(320), nullable=True),
    # Filled for every card by the service; empty only where a version before it issued the card beside it.
    Column("referral_code", ascii_text(10), nullable=True),
    Column("referrer_card_id", BigInteger, nullable=True),
    instant("referrer_linked_at", nullable=True),
    Column("points_balance", money(), nullable=False),
    Column("points_pending", money(), nullable=False),
    Column("points_debt", money(), nullable=False),
    Column("total_points_earned", money(), nullable=False),
    Column("total_points_redeemed", money(), nullable=False),
    Column("total_referral_points_earned", money(), nullable=False),
    Column("status", ascii_text(10), nullable=False),
    Column("merged_into_card_id", BigInteger, nullable=True),
    # The programme that the card is in; without one everything applies. No foreign key: SQLite adds none to a table that is
    # there, and a programme is never removed.
    Column("program_id", BigInteger, nullable=True),
    instant("issued_at"),
    instant("first_earned_at", nullable=True),
    # The bill that was the first purchase, and the one that settled the card's referral, whatever that paid. Empty: there was
    # none (or none is remembered); 0: it was taken back, and whether another stands must be asked.
    Column("first_bill_id", BigInteger, nullable=True),
    Column("friend_bill_id", BigInteger, nullable=True),
    instant("last_transaction_at", nullable=True),
    # No lot of this card expires or becomes available, and no hold ends, before this instant: until then none need be read.
    instant("next_due_at", nullable=True),
    # When the lots that follow the card's activity expire, all together.
    instant("active_until", nullable=True),
    # Where the card is on the ladder of tiers (tiers/rules.py, Standing). No foreign keys: SQLite adds none to a table
    # that is there, and a tier is never removed.
    Column("tier_id", BigInteger, nullable=True),
    instant("tier_since", nullable=True),
    instant("tier_grace_until", nullable=True),
    Column("tier_held_id", BigInteger, nullable=True),
    instant("tier_held_until", nullable=True),
    Column("tier_lifted_by", BigInteger, nullable=True),
    # What its bills of the last days add up to (ledger/figures.py); empty where they must be added up again.
    Column("tier_figures", Text, nullable=True),
    Column("seq", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    # One live card per customer; a closed card lets the customer have another.
    Column(
        "live_customer_id",
        BigInteger,
        Computed("CASE WHEN status <> 'CLOSED' THEN customer_id END", persisted=True),
        nullable=True,
    ),
    UniqueConstraint("tenant_id", "id"),
    UniqueConstraint("tenant_id", "card_number"),
    UniqueConstraint("tenant_id", "live_customer_id"),
    ForeignKeyConstraint(["tenant_id", "referrer_card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    ForeignKeyConstraint(["tenant_id", "merged_into_card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "customer_id"),
    Index(None, "tenant_id", "customer_phone"),
    Index(None, "tenant_id", "customer_email"),
    Index(None, "tenant_id", "customer_name"),
    Index(None, "tenant_id", "referrer_card_id"),
    Index(None, "tenant_id", "merged_into_card_id"),
    Index(None, "tenant_id", "next_due_at"),
    Index("uq_loyalty_cards_tenant_id_referral_code", "tenant_id", "referral_code", unique=True),
    Index(None, "tenant_id", "birth_month_day"),
    Index(None, "tenant_id", "tier_id"),
    CheckConstraint("status IN ('ACTIVE', 'SUSPENDED', 'CLOSED')", name="status"),
    CheckConstraint("points_debt >= 0 AND points_pending >= 0", name="not_negative"),
    CheckConstraint("points_balance >= -points_debt", name="balance_is_lots_less_debt"),
    CheckConstraint(
        "total_points_earned >= 0 AND total_points_redeemed >= 0 AND total_referral_points_earned >= 0", name="totals"
    ),
    CheckConstraint("seq >= 0 AND version >= 1", name="counters"),
    # MariaDB refuses a CHECK on an AUTO_INCREMENT column, so that nobody refers themselves is the rule's to hold.
    **SERVER_OPTIONS,
)

card_numbers = Table(
    "card_numbers",
    metadata,
    Column("tenant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("card_number", ascii_text(50), primary_key=True),
    Column("card_id", BigInteger, nullable=False),
    instant("replaced_at", nullable=True),
    # When it last stood on a sheet of cards; empty for a number that no card bears yet.
    instant("printed_at", nullable=True),
    ForeignKeyConstraint(["tenant_id", "card_id"], ["loyalty_cards.tenant_id", "loyalty_cards.id"]),
    Index(None, "tenant_id", "printed_at"),
    **SERVER_OPTIONS,
)
