"""A statement cannot leave its tenant: it is refused when it is built, and the session says whose rows they are."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Select,
    Table,
    and_,
    bindparam,
    case,
    create_engine,
    delete,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)
from sqlalchemy.sql import visitors

import card_service
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, TenantNotBoundError, insert_into
from card_service.kit.db.tenancy import from_list

# Every statement is in the register once its module is imported.
for _module in pkgutil.walk_packages(card_service.__path__, "card_service."):
    importlib.import_module(_module.name)

_metadata = MetaData()
shelf = Table(
    "shelf", _metadata, Column("id", Integer, primary_key=True), Column("tenant_id", Integer), Column("box_id", Integer)
)
box = Table("box", _metadata, Column("id", Integer, primary_key=True), Column("tenant_id", Integer))
MINE, MY_BOX = shelf.c.tenant_id == TENANT, box.c.tenant_id == TENANT
other = shelf.alias("other")
_inside = select(shelf.c.id).where(MINE).subquery()

REFUSED: dict[str, Callable[[], Any]] = {
    "select": lambda: select(shelf),
    "another value": lambda: select(shelf).where(shelf.c.tenant_id == 5),
    "another parameter": lambda: select(shelf).where(shelf.c.tenant_id == bindparam("tenant")),
    "not equal": lambda: select(shelf).where(shelf.c.tenant_id != TENANT),
    "not": lambda: select(shelf).where(not_(MINE)),
    "not and": lambda: select(shelf).where(not_(and_(MINE, shelf.c.id == 1))),
    "or": lambda: select(shelf).where(or_(MINE, shelf.c.id == 1)),
    "or null": lambda: select(shelf).where(or_(MINE, shelf.c.tenant_id.is_(None))),
    "case": lambda: select(shelf).where(case((MINE, True), else_=True)),
    "having": lambda: select(shelf.c.id).group_by(shelf.c.id).having(MINE),
    "join": lambda: select(shelf, box).join(box, box.c.id == shelf.c.box_id).where(MINE),
    "join, the other": lambda: select(shelf, box).join(box, box.c.id == shelf.c.box_id).where(MY_BOX),
    "join by the column": lambda: select(shelf, box).where(MINE, shelf.c.tenant_id == box.c.tenant_id),
    "cross join": lambda: select(shelf, box).where(MINE),
    "outer join": lambda: select(shelf).select_from(shelf.outerjoin(box, MY_BOX)),
    "alias": lambda: select(other),
    "alias, its table bound": lambda: select(other).where(MINE),
    "alias beside its table": lambda: select(shelf, other).where(MINE, other.c.id == shelf.c.id),
    "subquery": lambda: select(select(shelf.c.id).subquery().c.id),
    "in": lambda: select(box).where(MY_BOX, box.c.id.in_(select(shelf.c.id))),
    "in, only inside bound": lambda: select(shelf).where(shelf.c.id.in_(select(other.c.id).where(other.c.tenant_id == TENANT))),
    "exists": lambda: select(box).where(MY_BOX, exists(select(shelf.c.id))),
    "scalar": lambda: select(box.c.id, select(func.max(shelf.c.id)).scalar_subquery()).where(MY_BOX),
    "with": lambda: select(select(shelf.c.id).cte("all").c.id),
    "lateral": lambda: select(box.c.id, select(shelf.c.id).lateral().c.id).where(MY_BOX),
    "update": lambda: update(shelf).values(box_id=1),
    "update by id": lambda: update(shelf).where(shelf.c.id == 1).values(box_id=1),
    "update from a subquery": lambda: update(shelf).where(MINE).values(box_id=select(func.max(box.c.id)).scalar_subquery()),
    "delete": lambda: delete(shelf),
    "delete by id": lambda: delete(shelf).where(shelf.c.id == 1),
    "insert": lambda: insert(shelf).values(box_id=1),
    "insert of nothing": lambda: insert(shelf),
    "insert of a list": lambda: insert(shelf).values([{"tenant_id": 5, "box_id": 1}]),
    "insert from a select": lambda: insert(shelf).from_select(["tenant_id", "box_id"], select(box.c.tenant_id, box.c.id)),
    # Ways out of the tenant that a look at each table's name alone would not notice.
    "outer join, bound in its condition": lambda: select(shelf).select_from(shelf.outerjoin(box, and_(MINE, MY_BOX))),
    "full join": lambda: select(shelf).select_from(shelf.outerjoin(box, and_(MINE, MY_BOX), full=True)),
    "only the subquery bound": lambda: select(shelf.c.id).select_from(shelf.join(_inside, true())),
    "union, the second half": lambda: select(union_all(select(shelf.c.id).where(MINE), select(shelf.c.id)).subquery().c.id),
    "update from another table": lambda: update(shelf).where(MINE, shelf.c.box_id == box.c.id).values(box_id=box.c.id),
    "update to another tenant": lambda: update(shelf).where(MINE).values(tenant_id=bindparam("tenant")),
    "delete by another table": lambda: delete(shelf).where(MINE, shelf.c.box_id == box.c.id),
    "insert for a parameter": lambda: insert(shelf).values(tenant_id=bindparam("tenant"), box_id=1),
    "insert for a number": lambda: insert(shelf).values(tenant_id=5, box_id=1),
    "insert from a subquery": lambda: insert(shelf).values(tenant_id=TENANT, box_id=select(func.max(box.c.id)).scalar_subquery()),
    "text": lambda: select(text("*")).select_from(text("shelf")),
}
TAKEN: dict[str, Callable[[], Any]] = {
    "select": lambda: select(shelf).where(MINE, shelf.c.id == bindparam("id")),
    "join": lambda: select(shelf, box).join(box, box.c.id == shelf.c.box_id).where(MINE, MY_BOX),
    "outer join": lambda: select(shelf.c.id, box.c.id).select_from(shelf.outerjoin(box, MY_BOX)).where(MINE),
    "alias": lambda: select(other).where(other.c.tenant_id == TENANT),
    "subquery": lambda: select(_inside.c.id),
    "update": lambda: update(shelf).where(MINE).values(box_id=1),
    "delete": lambda: delete(shelf).where(MINE),
    "insert": lambda: insert_into(shelf),
}
ACROSS_TENANTS = {
    "card_service.tenants.find": ["the key says which tenant it is"],
    "card_service.tenants.list": ["the operator's list of all tenants"],
    "card_service.users.create": ["a login is unique over all tenants, for one page signs everybody in"],
    "card_service.users.sessions": ["the session says which tenant it is"],
    "card_service.users.sign_in": ["the login says which tenant it is"],
}
"""Every module with statements that see all tenants, and why; one more has to be argued for here."""
BESIDE_THE_SESSION = {
    "commands/serve.py": "the server's own settings, before it starts",
    "kit/db/database.py": "BEGIN on SQLite",
    "kit/db/engine.py": "what every connection is told first",
    "kit/db/session.py": "the session itself",
    "loyalty/import_index.py": "what an import remembers of its own file, in a private database that is gone with it",
    "migrate.py": "the schema, and the service's own secrets",
}
"""Every module that speaks to the database by other means than a session."""


@pytest.fixture(autouse=True)
def _register() -> Iterator[None]:
    """Take the statements of these tests out of the register again."""
    before = len(Statement.all_statements)
    yield
    del Statement.all_statements[before:]


@pytest.mark.parametrize("name", REFUSED)
def test_a_statement_that_does_not_say_whose_rows_is_refused(name: str) -> None:
    clause, known = REFUSED[name](), len(Statement.all_statements)
    with pytest.raises(TenantNotBoundError, match=r"shelf|box"):
        Statement(clause)
    assert len(Statement.all_statements) == known


@pytest.mark.parametrize("name", TAKEN)
def test_a_statement_that_says_whose_rows_is_taken(name: str) -> None:
    statement = Statement(TAKEN[name]())
    assert TENANT.key in str(statement.clause)
    assert statement.across_tenants is None


def test_the_session_overrides_the_tenant_of_a_caller() -> None:
    engine = create_engine("sqlite://")
    _metadata.create_all(engine)
    add, read = Statement(insert_into(shelf, "id")), Statement(select(shelf.c.id, shelf.c.tenant_id).where(MINE))
    change = Statement(update(shelf).where(MINE).values(box_id=bindparam("new_box")))
    remove, theirs = Statement(delete(shelf).where(MINE)), {TENANT.key: 2, "tenant_id": 2}
    by_ids = Statement(select(shelf.c.id).where(MINE, shelf.c.id.in_(bindparam("ids", expanding=True))))
    with engine.connect() as connection:
        mine, other_tenants = Session(connection, 1, {}), Session(connection, 2, {})
        other_tenants.insert(add, box_id=20)
        mine.insert(add, box_id=10, **theirs)
        mine.queue(add, [{"box_id": 11, **theirs}, {"box_id": 12, **theirs}])
        assert mine.all(read, **theirs) == [(2, 1), (3, 1), (4, 1)]
        assert mine.all(by_ids, ids=[1, 2, 3], **theirs) == [(2,), (3,)]
        assert mine.write(change, new_box=5, **theirs) == 3
        assert mine.write(remove, **theirs) == 3
        assert other_tenants.all(read) == [(1, 2)]
        assert connection.exec_driver_sql("SELECT tenant_id, box_id FROM shelf").all() == [(2, 20)]
    engine.dispose()


def test_the_session_runs_statements_only() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        session = Session(connection, 1, {})
        for clause in ("SELECT 1", select(true())):
            with pytest.raises(AttributeError):
                session.all(clause)  # type: ignore[arg-type]
        public = {name for name in dir(session) if not name.startswith("_")}
    engine.dispose()
    assert public == {"all", "one", "write", "insert", "queue", "flush", "for_tenant", "memory", "tenant_id"}


def test_the_tables_that_a_select_reads_are_those_that_sqlalchemy_finds() -> None:
    registered = (statement.clause for statement in Statement.all_statements)
    selects = [part for clause in registered for part in visitors.iterate(clause) if isinstance(part, Select)]
    assert len(selects) > 150
    for one in (*selects, select(shelf.c.id, box.c.id), select(func.count()), select(shelf.c.id).join(box, true())):
        assert sorted(map(str, from_list(one))) == sorted(map(str, one.get_final_froms())), str(one)


def test_statements_that_see_all_tenants_are_these() -> None:
    across = [statement.across_tenants for statement in Statement.all_statements if statement.across_tenants is not None]
    found: dict[str, list[str]] = {}
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.keyword) and node.arg == "across_tenants" and path.name != "statement.py":
                module = "card_service." + ".".join(path.relative_to(_root()).with_suffix("").parts)
                found.setdefault(module, []).append(ast.literal_eval(node.value))
    assert found == ACROSS_TENANTS
    assert sorted(across) == sorted(reason for reasons in ACROSS_TENANTS.values() for reason in reasons)
    assert len(Statement.all_statements) > 100


def test_nothing_speaks_to_the_database_beside_the_session() -> None:
    """A connection of SQLAlchemy or a driver knows no tenant; whoever has one is listed with the reason."""
    names = {"execute", "executemany", "exec_driver_sql", "scalars", "scalar", "executescript"}
    found = set()
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
                found.add(path.relative_to(_root()).as_posix())
    assert found == set(BESIDE_THE_SESSION)


def _root() -> Path:
    return Path(str(card_service.__file__)).parent


def _sources() -> list[Path]:
    return sorted(_root().rglob("*.py"))
