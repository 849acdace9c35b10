"""Numbers, money and dates as the reader of a page writes them, in the tenant's currency and time zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal, format_percent

from card_service.kit.days import zone


@dataclass(frozen=True, slots=True)
class Formats:
    """How this page writes; `language` is one of the pages' languages."""

    language: str
    currency: str
    timezone: str

    @property
    def locale(self) -> str:
        """Tell the locale: English as India writes it where the money is rupees (1,23,456.00), else as Britain does."""
        if self.language == "hi":
            return "hi_IN"
        return "en_IN" if self.currency == "INR" else "en_GB"

    def money(self, amount: Decimal) -> str:
        """Write an amount, always with two decimals, as the ledger keeps it."""
        return format_currency(amount, self.currency, locale=self.locale, currency_digits=False)

    def points(self, points: Decimal) -> str:
        """Write points: two decimals, or none where there are none."""
        whole = points == points.to_integral_value()
        pattern = "#,##,##0" if self.locale.endswith("_IN") else "#,##0"
        return format_decimal(points, pattern if whole else pattern + ".00", locale=self.locale)

    def times(self, multiplier: Decimal) -> str:
        """Write a multiplier: as many of its decimals as there are."""
        return format_decimal(multiplier, "0.####", locale=self.locale)

    def percent(self, percentage: Decimal) -> str:
        """Write a percentage."""
        return format_percent(percentage / 100, "#,##0.##%", locale=self.locale)

    def day(self, day: date) -> str:
        """Write a date."""
        return format_date(day, "medium", locale=self.locale)

    def instant(self, instant: datetime) -> str:
        """Write a time of the tenant's day."""
        return format_datetime(instant.astimezone(UTC), "medium", tzinfo=zone(self.timezone), locale=self.locale)
