"""The documents say what is so: settings, links, dependencies, GRANTs that really work, and the figures of the worked bill."""

import configparser
import importlib
import json
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymysql.err import OperationalError
from sqlalchemy import Delete, Insert, Update
from sqlalchemy.exc import DBAPIError

import card_service
from card_service import migrate
from card_service.cli import COMMANDS
from card_service.kit.db.engine import build_engine
from card_service.kit.db.statement import Statement
from card_service.kit.db.upsert import Upsert
from card_service.kit.observe.metrics import REGISTRY
from config.settings import PREFIX, Settings
from tests.servers.commands import assert_books_balance
from tests.servers.databases import PrivateDatabase
from tests.servers.mariadb import MariaDB
from tests.servers.service import start_service

# So that every statement there is has been made, before any test looks at the register.
for _one in pkgutil.walk_packages(card_service.__path__, "card_service."):
    importlib.import_module(_one.name)

ROOT = Path(__file__).resolve().parent.parent
README, CHANGELOG = ROOT / "README.md", ROOT / "CHANGELOG.md"
CONTRACT, OPERATIONS, PARTS, DOMAIN = (ROOT / f"docs/{name}.md" for name in ("contract", "operations", "parts", "domain"))
DOCUMENTS = sorted(path for folder in ("", "docs", "docs/adr", "bench") for path in (ROOT / folder).glob("*.md"))
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_GRANT = re.compile(r"^GRANT ([A-Z, ]+) ON card_service\.(\S+) TO 'card_app'@'127\.0\.0\.1';$", re.MULTILINE)
_WORDS = {Insert: "INSERT", Update: "UPDATE", Delete: "DELETE"}


def _rows(text: str, after: str) -> Iterator[list[str]]:
    """Give the cells of the tables below a heading, up to the next heading of its level or above."""
    level = after.split(" ", maxsplit=1)[0]
    section = re.split(rf"^#{{2,{len(level)}}} ", text.split(f"\n{after}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    for line in section.splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_readme_has_every_setting_with_its_default() -> None:
    table = {name.strip("`"): default for name, default, _ in _rows(README.read_text(), "## Settings") if name != "variable"}
    assert set(table) == {PREFIX + one.name.upper() for one in fields(Settings)}
    own_default = {"database_url", "database_pool_size"}
    for one in fields(Settings):
        if one.name not in own_default and one.default not in {None, MISSING}:
            assert table[PREFIX + one.name.upper()] == f"`{one.default}`", one.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for target in _LINK.findall(document.read_text()):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (document.parent / name).resolve() if name else document
        assert path.exists(), f"{target} is not there"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, f"{target} is no heading of {path.name}"


def _anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def test_the_parts_are_those_of_setup_cfg() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    wanted = {("", name) for name in _required(setup["options"]["install_requires"])}
    for extra, lines in setup["options.extras_require"].items():
        wanted |= {(extra, name) for name in _required(lines)}
    text = PARTS.read_text()
    listed = [("", part.strip("`")) for part, _ in _rows(text, "## Run time") if part != "part"]
    listed += [(extra.strip("`"), part.strip("`")) for extra, part, _ in _rows(text, "## Extras") if extra != "extra"]
    assert sorted(listed) == sorted(wanted), "each part once"


def _required(lines: str) -> Iterator[str]:
    for line in lines.splitlines():
        if found := re.match(r"[A-Za-z][A-Za-z0-9._-]*", line):
            yield found.group()


def test_the_contract_and_the_changelog_have_every_command() -> None:
    contract, changelog = CONTRACT.read_text(), CHANGELOG.read_text()
    (listed,) = re.findall(r"^- Commands: (.+)\.$", changelog, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed)) == set(COMMANDS)
    assert [name for name in COMMANDS if f"\n- `card-service {name}" not in contract] == []


def test_the_operations_page_has_every_metric() -> None:
    text = OPERATIONS.read_text()
    names = {one.name + ("_total" if one.type == "counter" else "") for one in REGISTRY.collect()}
    assert len(names) > 5
    assert {name for name in names if f"`{name}`" not in text} == set()


def _granted() -> dict[str, set[str]]:
    return {table: set(words.split(", ")) for words, table in _GRANT.findall(OPERATIONS.read_text())}


def test_the_grants_are_what_the_statements_need_and_no_more() -> None:
    needed: defaultdict[str, set[str]] = defaultdict(set)
    for statement in Statement.all_statements:
        clause: Any = statement.clause
        for kind, word in _WORDS.items():
            if isinstance(clause, kind):
                table: Any = clause.table
                needed[table.name].add(word)
            # Also one that never changes the row it meets.
            if isinstance(clause, Upsert):
                needed[clause.table.name].add("UPDATE")
    granted = _granted()
    assert granted.pop("*") == {"SELECT"}
    assert granted == dict(needed)
    assert granted["point_transactions"] == {"INSERT"}


def test_the_readme_has_the_grants_of_the_operations_page() -> None:
    assert _GRANT.findall(README.read_text()) == _GRANT.findall(OPERATIONS.read_text())


@pytest.fixture
def granted(mariadb: MariaDB) -> Iterator[PrivateDatabase]:
    """Make a database by the very statements of the operations page, under names of its own."""
    blocks = re.findall(r"^```sql\n(.*?)^```", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)
    names = {"card_service.": "card_granted.", "DATABASE card_service ": "DATABASE card_granted "}
    names |= {f"'{user}'@": f"'{user}_granted'@" for user in ("card_owner", "card_app")}
    before, after, *_ = (_renamed(block, names) for block in blocks)
    owner = mariadb.url("card_owner_granted", "owner-password", "card_granted")
    application = mariadb.url("card_app_granted", "app-password", "card_granted")
    _run(mariadb, before)
    engine = build_engine(owner)
    migrate.upgrade(engine)
    engine.dispose()
    _run(mariadb, after)
    yield PrivateDatabase("mariadb", application, owner, mariadb)
    _run(mariadb, "DROP USER 'card_owner_granted'@'127.0.0.1', 'card_app_granted'@'127.0.0.1'; DROP DATABASE card_granted;")


def _renamed(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _run(mariadb: MariaDB, script: str) -> None:
    with mariadb.connect() as connection, connection.cursor() as cursor:
        for statement in script.split(";"):
            if statement.strip():
                cursor.execute(statement)


def test_the_grants_let_the_service_work_and_nobody_change_the_ledger(granted: PrivateDatabase) -> None:
    tenant = start_service(granted).tenant()
    assert tenant.admin.post("/card-config/enable").status == 200
    category = {"categoryId": 1, "categoryName": "Medicines"}
    tenant.admin.post("/card-config/categories", {**category, "pointPercentage": 2})
    discount = tenant.admin.post("/card-config/discounts", {**category, "discountPercentage": 5}).json
    assert tenant.admin.delete(f"/card-config/discounts/{discount['id']}").status == 204
    card, other = (tenant.admin.post("/cards", {}).json for _ in range(2))
    tenant.admin.post(f"/cards/{card['id']}/adjust-points", {"points": 500, "reason": "opening"})
    bill = {"cardId": card["id"], "billId": 1, "billAmount": 100, "items": [{"categoryId": 1, "amount": 100}]}
    redeemed = tenant.billing.post("/internal/cards/redeem-points", {**bill, "points": 100})
    earned = tenant.billing.post("/internal/cards/earn-points", bill)
    returned = tenant.billing.post("/internal/cards/reverse-points", {"billId": 1})
    merged = tenant.admin.post(f"/cards/{card['id']}/merge", {"sourceCardId": other["id"]})
    assert [answer.status for answer in (redeemed, earned, returned, merged)] == [200, 200, 200, 200]
    assert merged.json["pointsBalance"] == Decimal("500.00")
    assert_books_balance(granted)
    for change in ("UPDATE point_transactions SET points = 1", "DELETE FROM point_transactions", "DELETE FROM idempotency_keys"):
        with pytest.raises(DBAPIError) as refusal:
            granted.execute(change)
        assert isinstance(refusal.value.orig, OperationalError)
        assert refusal.value.orig.args[0] == 1142, change


def test_the_worked_bill_has_every_figure_of_the_golden_case() -> None:
    scenarios = json.loads((ROOT / "tests/cases/golden.json").read_text(), parse_float=Decimal, parse_int=Decimal)["scenarios"]
    (bill,) = [one for one in scenarios if one["name"].startswith("a whole bill")]
    text = DOMAIN.read_text()
    figures = [
        value
        for step in bill["steps"]
        for expected in (step["expect"], *step.get("expectItems", {}).values())
        for value in expected.values()
    ]
    assert len(figures) > 30
    for figure in figures:
        assert re.search(rf"(?<![\d.]){re.escape(f'{figure:,.2f}')}(?!\d)", text), f"{figure} is not worked out"
