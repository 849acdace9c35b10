"""The languages of the pages: complete catalogues, the reader's own choice, and figures as the reader writes them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from card_service.kit.errors import ServiceError
from card_service.kit.http.operation import STATUS_OF
from card_service.web.amounts import UnreadableAmount, read_amount
from card_service.web.counter_limits import REASONS, REFUSED
from card_service.web.counter_sentences import SENTENCES
from card_service.web.formats import Formats
from card_service.web.i18n import LANGUAGES, SOURCE, translations
from tests.servers.service import Service
from tests.web.till import MEDICINES, new_card, open_till

WEB = Path(str(files("card_service.web")))
OTHERS = sorted(set(LANGUAGES) - {SOURCE})
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "translate": None, "translate_count": (1, 2), "later": None}


def source_texts() -> Iterator[str | tuple[str, ...]]:
    methods = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
    options = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
    for _, _, text, _, _ in extract_from_dir(str(WEB), methods, options, keywords=KEYWORDS):
        yield text


def catalogue(code: str) -> Catalog:
    return read_po(StringIO((WEB / "translations" / f"{code}.po").read_text("utf-8")), locale=code, abort_invalid=True)


def forms_of(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (str(message.string or ""),)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_pages_is_translated(code: str) -> None:
    found, known = set(source_texts()), catalogue(code)
    assert len(found) > 200
    missing = [text for text in found if (message := known.get(text)) is None or not all(forms_of(message))]
    assert missing == [], f"add these to translations/{code}.po"
    assert not [message.id for message in known if message.fuzzy]


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_keeps_what_is_filled_in(code: str) -> None:
    for message in catalogue(code):
        if message.id:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            for text in forms_of(message):
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(source)), text
                assert text.count("%%") == source.count("%%"), text


def test_hindi_is_written_in_devanagari() -> None:
    same = [message.id for message in catalogue("hi") if message.id and not re.search("[\u0900-\u097f]", forms_of(message)[0])]
    assert same == []


def test_an_administrator_is_called_by_one_word() -> None:
    said = [" ".join(forms_of(message)) for message in catalogue("hi") if "administrator" in str(message.id)]
    assert len(said) > 10
    assert [text for text in said if "व्यवस्थापक" not in text] == []


def _below(kind: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _below(child)


def test_every_code_has_a_sentence_that_says_what_to_do() -> None:
    raised = {kind.code for kind in _below(ServiceError) if kind.__module__.startswith("card_service.")} - {"CONFLICT"}
    assert set(STATUS_OF) | raised <= set(SENTENCES)
    for code, sentence in SENTENCES.items():
        assert sentence.count(".") >= 2 or ", " in sentence, f"{code} says what happened and not what to do"
        assert sentence.endswith(".")
    assert {"BELOW_MIN_POINTS", "INSUFFICIENT_POINTS", "MAX_REDEMPTION_EXCEEDED"} <= set(REASONS) & set(REFUSED)


def test_hindi_by_the_browsers_wish(service: Service) -> None:
    till = open_till(service, language="hi-IN,hi;q=0.9,en;q=0.5", scripts=False)
    card = new_card(till.tenant, 1234)
    page = till.get("/counter")
    assert '<html lang="hi">' in page.html
    assert 'data-locale="hi-IN"' in page.html
    till.scripts = True
    found = till.find(card["cardNumber"])
    assert (found.said, found.text("card-worth")) == ("कार्ड मिल गया: 1,234 पॉइंट।", "₹123.40")
    typed = "१,०००"  # noqa: RUF001 - the digits that a Hindi keyboard types
    sent, preview = till.previewed(found.forms["bill"], [(MEDICINES, typed)], use="all")
    assert preview.value("payable") == "₹1,000.00"
    receipt = till.post("/counter/apply", sent)
    assert receipt.text("receipt-title") == "रसीद"
    refused = till.find("999999")
    assert refused.said.startswith("नहीं हुआ: कोई नहीं मिला।")


def test_the_choice_is_kept_and_wins(service: Service) -> None:
    till = open_till(service, language="hi", scripts=False)
    chosen = till.get("/language/en?next=/counter/return")
    assert (chosen.status, chosen.headers["Location"]) == (303, "/counter/return")
    cookie = chosen.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Secure" in cookie
    assert '<html lang="en">' in till.get("/counter").html
    till.get("/language/xx")
    assert '<html lang="en">' in till.get("/counter").html


@pytest.mark.parametrize("next_path", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:alert(1)", ""])
def test_choosing_a_language_leads_nowhere_else(service: Service, next_path: str) -> None:
    chosen = open_till(service).browser.get(f"/language/hi?next={next_path}")
    assert chosen.headers["Location"] == "/counter"


def test_figures_are_written_as_the_reader_writes_them() -> None:
    amount, points = Decimal("1234567.50"), Decimal("-1234567.5")
    india, elsewhere = Formats("en", "INR", "Asia/Kolkata"), Formats("en", "EUR", "Europe/Berlin")
    hindi = Formats("hi", "INR", "Asia/Kolkata")
    assert (india.money(amount), india.points(points)) == ("₹12,34,567.50", "-12,34,567.50")
    assert (elsewhere.money(amount), elsewhere.points(Decimal(1234567))) == ("€1,234,567.50", "1,234,567")
    assert hindi.money(amount) == "₹12,34,567.50"
    assert (india.percent(Decimal("2.50")), india.percent(Decimal(50))) == ("2.5%", "50%")
    assert (india.day(date(2026, 1, 31)), hindi.day(date(2026, 1, 31))) == ("31 Jan 2026", "31 जन॰ 2026")
    assert elsewhere.instant(datetime(2026, 1, 31, 23, 30, tzinfo=UTC)) == "1 Feb 2026, 00:30:00"


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("12", "12.00"),
        (" 12.5 ", "12.50"),
        ("1,234.50", "1234.50"),
        ("1,23,456.00", "123456.00"),
        ("१२.५०", "12.50"),
        ("0", "0.00"),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, amount: str) -> None:
    assert str(read_amount(typed)) == amount


@pytest.mark.parametrize(
    "typed",
    ["", "12,5", "12,50", "1,2345", ",123", "1.234", "1.", ".5", "-1", "+1", "1e3", "NaN", "1 000", "10000000000.00", "1" * 40],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(UnreadableAmount):
        read_amount(typed)


def test_a_catalogue_is_read_once() -> None:
    assert translations("hi") is translations("hi")
    assert (
        translations("hi")
        .ngettext("%(num)s customer found.", "%(num)s customers found. Choose one.", 3)
        .startswith("%(num)s ग्राहक मिले")
    )
