"""`card-service members import`: every trap of a file told by its line, and each row done once, whatever is killed."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cards.steps import assert_balanced, issue, open_pharmacy
from tests.guards.pharmacy import state
from tests.jobs.processes import Running
from tests.jobs.slowly import slowly
from tests.servers.clients import Tenant
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service

HEADER = "card_number,customer_id,name,phone,email,birth_date,opening_points,points_last_day,referrer_number,segments"
FAR = "2090-03-31"


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def run(database: PrivateDatabase, tenant: Tenant, file: Path, *options: str) -> tuple[int, dict[str, Any], list[str]]:
    """Import, and give the exit code, the JSON, and the problems it told."""
    done = card_service(database, "members", "import", str(file), "--tenant", str(tenant.id), "--json", *options)
    told = [line for line in done.stderr.splitlines() if line.startswith(("line ", "Error"))]
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, told


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "members.csv"
    file.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return file


def test_members_come_with_their_points_their_referrer_and_all_that_is_known_of_them(
    service: Service, tenant: Tenant, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        f"A-1,11,Asha,+91 98765-43210,Asha@Example.ORG,1980-02-29,1250.50,{FAR},A-2,vip|staff",
        ',12,"Bela ""B"", née X",,,,,,,',
        "A-2,,,,,,0.10,,,",
    )
    before = state(service.database, tenant.id)
    assert run(service.database, tenant, file, "--dry-run") == (
        0,
        {
            "rows": 3,
            "ready": 3,
            "imported": 0,
            "before": 0,
            "linked": 0,
            "points": "1250.60",
            "errors": 0,
            "firstErrors": [],
        },
        [],
    )
    assert state(service.database, tenant.id) == before

    code, counted, _ = run(service.database, tenant, file)
    assert (code, counted["imported"], counted["linked"]) == (0, 3, 1)
    asha, bela = (tenant.admin.get(f"/cards/by-customer/{customer}").json for customer in (11, 12))
    referrer = tenant.admin.get("/cards/by-number/A-2").json
    assert (
        asha
        | {
            "cardNumber": "A-1",
            "customerName": "Asha",
            "customerPhone": "+919876543210",
            "birthDate": "1980-02-29",
            "customerEmail": "asha@example.org",
            "pointsBalance": Decimal("1250.50"),
            "segments": ["vip", "staff"],
            "referrerCardId": referrer["id"],
        }
        == asha
    )
    assert (bela["customerName"], len(bela["cardNumber"])) == ('Bela "B", née X', 16)
    (posting,) = tenant.admin.get(f"/cards/{asha['id']}/transactions").json["items"]
    assert (posting["type"], posting["description"]) == ("ADJUSTED", "opening points of the import")
    ((expires_at,),) = service.database.rows("SELECT expires_at FROM point_lots WHERE card_id = :id", id=asha["id"])
    assert str(expires_at).startswith("2090-03-31 18:30:00")
    assert_balanced(service, tenant, asha["id"], bela["id"], referrer["id"])

    after = state(service.database, tenant.id)
    code, counted, _ = run(service.database, tenant, file)
    assert (code, counted["imported"], counted["before"], counted["linked"]) == (0, 0, 3, 0)
    assert state(service.database, tenant.id) == after


def test_every_row_that_is_wrong_is_told_by_its_line_and_nothing_is_imported(
    service: Service, tenant: Tenant, tmp_path: Path
) -> None:
    issue(tenant, cardNumber="TAKEN", customerId=5)
    gone = issue(tenant, cardNumber="GONE")
    before_it = issue(tenant, customerPhone="+919800000022")
    assert tenant.admin.delete(f"/cards/{before_it['id']}").status == 204
    assert tenant.admin.post(f"/cards/{gone['id']}/replace", {"reason": "lost"}).status == 200
    wrong = {
        "TAKEN,,,,,,,,,": "line 2, card_number: was given to a card before",
        "B-1,5,,,,,,,,": "line 3, customer_id: has a card",
        ",,Nobody,,,,,,,": "line 4, card_number: or customer_id must be given",
        "2.10001E+15,,,,,,,,,": "line 5, card_number: 2.10001E+15 was shortened by a spreadsheet",
        'B-2,,"=HYPERLINK(""x"")",,,,,,,': "line 6, name: begins like a formula",
        "B-3,,,,,,,,": "line 7: has 9 cells, the first line has 10",
        "B-4,7,,,,,,,,": None,
        "B-5,7,,,,,,,,": "line 9, customer_id: stands in line 8 already",
        "B-4,8,,,,,,,,": "line 10, card_number: stands in line 8 already",
        'B-6,,,,,,"1,250.50",,,': "line 11, opening_points: Must be a number.",
        "B-7,,,,,,-5,,,": "line 12, opening_points: Must be at least 0.",
        "B-8,,,,,,5,2020-01-31,,": "line 13, points_last_day: is over",
        "B-9,,,,,,,2090-01-31,,": "line 14, points_last_day: belongs to opening_points",
        "B-10,,,,,31/01/1980,,,,": "line 15, birth_date: Must be a date such as 2026-01-31.",
        "B-11,x7,,,,,,,,": "line 16, customer_id: Must be a whole number.",
        "B-12,,,12,,,,,,": "line 17, phone: Must be a phone number",
        "B-13,,,,,,,,NOBODY,": "line 18, referrer_number: NOBODY is no card",
        "B-14,,,,,,,,GONE,": "line 19, referrer_number: GONE was replaced",
        "B-15,,,,,,,,B-15,": "line 20, referrer_number: is of the same customer, phone or e-mail",
        "B-16,,,,,,,,B-17,": "line 21, referrer_number: leads back to this card",
        "B-17,,,,,,,,B-18,": "line 22, referrer_number: leads back to this card",
        "B-18,,,,,,,,B-16,": "line 23, referrer_number: leads back to this card",
        "B-19,,,,,,,,,Very Important": "line 24, segments: Must be 1 to 30 small letters",
        "": None,
        '"two\nlines",,,,,,,,,': "line 26, card_number: Must be",
        "B-22,,,+919800000022,,,,,TAKEN,": "line 28, referrer_number: the member has, or had, a card here",
        "B-23,,,+919800000023,,,,,B-24,": "line 29, referrer_number: the phone is that of line 31, too",
        "B-24,,,,,,,,,": None,
        "B-25,,,+919800000023,,,,,,": None,
        "B-20,,,,,1.001,,,,": "line 32, birth_date: Must be a date",
        "B-21,,,,,,1.001,,,": "line 33, opening_points: Must have at most 2 decimals.",
    }
    file = written(tmp_path, *wrong)
    before = state(service.database, tenant.id)
    for options in (("--dry-run",), ()):
        code, counted, told = run(service.database, tenant, file, *options)
        expected = [says for says in wrong.values() if says]
        assert code == 1
        assert len(told) == counted["errors"] == len(expected), told
        for says in expected:
            assert [line for line in told if line.startswith(says)], (says, told)
        assert counted["imported"] == 0
    assert state(service.database, tenant.id) == before


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The first line must name the columns"),
        (b"name,phone\nx,123\n", "card_number or customer_id among them"),
        (b"card_number,nickname\n", "'nickname'"),
        (b"card_number,card_number\n", "each once"),
        ("card_number\nA\n".encode("utf-16"), "UTF-16: save it as 'CSV UTF-8'"),
        (b'card_number,name\nA,"open\nB,x\n', "look for a quote that is not closed"),
        (b'card_number,name\nA,"x"y\n', "look for a quote"),
        (b"card_number\n" + b"9" * 70_000, "more than 65536 characters"),
    ],
)
def test_a_file_that_is_none_is_told_in_one_line(
    database: PrivateDatabase, tenant: Tenant, tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(content)
    done = card_service(database, "members", "import", str(file), "--tenant", str(tenant.id))
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_marks_delimiters_apostrophes_and_bytes_of_other_programs(service: Service, tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes("\ufeffCard_Number;Name;Phone\r\nC-1;Zoë;'+91 98765\r\n".encode())
    assert run(service.database, tenant, file)[0] == 0
    card = tenant.admin.get("/cards/by-number/C-1").json
    assert (card["customerName"], card["customerPhone"]) == ("Zoë", "+9198765")
    file.write_bytes(b"card_number\tname\nC-2\tZo\xeb\n")
    assert run(service.database, tenant, file)[2] == ["line 2, name: is not UTF-8: save the file as 'CSV UTF-8' and run it again"]


def test_a_row_that_was_changed_after_its_import_is_told_and_changes_nothing(
    service: Service, tenant: Tenant, tmp_path: Path
) -> None:
    assert run(service.database, tenant, written(tmp_path, "D-1,,,,,,5,,,"))[0] == 0
    before = state(service.database, tenant.id)
    code, _, told = run(service.database, tenant, written(tmp_path, "D-1,,,,,,50,,,"))
    assert (code, len(told)) == (1, 1)
    assert told[0].startswith("line 2: Was imported before with other contents")
    assert state(service.database, tenant.id) == before


def test_nobody_is_paid_for_the_joining_of_a_member_of_before(service: Service, tenant: Tenant, tmp_path: Path) -> None:
    assert tenant.admin.post("/earning-rules", {"activity": "SIGNUP", "name": "Welcome", "points": 50}).status == 201
    assert run(service.database, tenant, written(tmp_path, "F-1,,,,,,7,,,"))[0] == 0
    assert tenant.admin.get("/cards/by-number/F-1").json["pointsBalance"] == 7
    assert tenant.admin.get(f"/cards/{issue(tenant)['id']}").json["pointsBalance"] == 50


def test_an_import_belongs_to_its_tenant_alone(service: Service, tenant: Tenant, tmp_path: Path) -> None:
    other = open_pharmacy(service)
    issue(other, cardNumber="E-1", customerId=21)
    before = state(service.database, other.id)
    assert run(service.database, tenant, written(tmp_path, "E-2,21,,,,,,,,", "E-3,,,,,,,,E-1,"))[2] == [
        "line 3, referrer_number: E-1 is no card, neither in this file nor before: correct the number, or empty this cell"
    ]
    assert run(service.database, tenant, written(tmp_path, "E-1,21,,,,,7,,,"))[0] == 0
    assert state(service.database, other.id) == before
    nobody = card_service(service.database, "members", "import", str(tmp_path / "members.csv"), "--tenant", str(10**12))
    assert "There is no tenant" in nobody.stderr


def test_an_import_killed_in_the_middle_is_finished_by_the_next(service: Service, tenant: Tenant, tmp_path: Path) -> None:
    count = 60
    rows = [
        f"K-{number},,,,,,{number + 1}.25,{FAR},{'K-' + str(number + 1) if number < count - 1 else ''},"
        for number in range(count)
    ]
    file = written(tmp_path, *rows)
    with slowly(service.database, "loyalty_cards"):
        for enough in (5, 20):
            command = ("members", "import", str(file), "--tenant", str(tenant.id))
            with Running(service.database, *command, log=tmp_path / "log") as importing:
                assert importing.wait_until(lambda enough=enough: _cards(service, tenant) >= enough)  # type: ignore[misc]
    assert _cards(service, tenant) < count
    code, counted, told = run(service.database, tenant, file)
    assert (code, told, counted["imported"] + counted["before"]) == (0, [], count)
    assert _cards(service, tenant) == count
    (sums,) = service.database.rows(
        "SELECT COUNT(*), SUM(points) FROM point_transactions WHERE tenant_id = :id AND type = 'ADJUSTED'", id=tenant.id
    )
    stored = Decimal(sum(range(1, count + 1))) + count * Decimal("0.25")
    assert sums == (count, int(stored * 100) if service.database.kind == "sqlite" else stored)
    (linked,) = service.database.rows(
        "SELECT COUNT(*) FROM loyalty_cards WHERE tenant_id = :id AND referrer_card_id IS NOT NULL", id=tenant.id
    )
    assert linked == (count - 1,)
    before = state(service.database, tenant.id)
    assert run(service.database, tenant, file)[1]["imported"] == 0
    assert state(service.database, tenant.id) == before


def _cards(service: Service, tenant: Tenant) -> int:
    ((count,),) = service.database.rows("SELECT COUNT(*) FROM loyalty_cards WHERE tenant_id = :id", id=tenant.id)
    return int(count)
