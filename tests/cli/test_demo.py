"""The demo: a pharmacy made once, and the main job played as a receipt."""

import json
import re
import shlex
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.servers.commands import assert_books_balance, card_service
from tests.servers.databases import PrivateDatabase
from tests.servers.processes import running_server
from tests.servers.service import start_service
from tests.users.browsing import Browser

README = Path(__file__).resolve().parents[2] / "README.md"
KEY = re.compile(r"csk_[a-z0-9]{10}_[A-Za-z0-9_-]{43}")
# What an earn at the demo answers by its day, and by the bills before it.
BY_THE_DAY = {"newBalance", "expiresAt", "tier", "tierChanged", "progress"}
PERSON = re.compile(r"sign in as (\S+) +password (\S+)$", re.MULTILINE)


@pytest.fixture
def fresh(own_sqlite: PrivateDatabase) -> PrivateDatabase:
    """Give a database of its own, whose books are audited at the end."""
    return own_sqlite


def test_the_pharmacy_is_made_once_and_its_curl_line_works(fresh: PrivateDatabase, tmp_path: Path) -> None:
    with running_server(fresh, tmp_path) as server:
        first = card_service(fresh, "demo", "--seed-only", "--port", str(server.port))
        assert first.returncode == 0, first.stderr
        assert f"{server.url}/docs" in first.stdout
        assert len(set(KEY.findall(first.stdout))) == 3
        assert f"{server.url}/counter" in first.stdout
        people = PERSON.findall(first.stdout)
        assert {login for login, _ in people} == {"demo-admin", "demo-cashier"}
        for login, password in people:
            assert Browser(start_service(fresh)).sign_in(login, password).status_code == 303
        again = card_service(fresh, "demo", "--seed-only", "--port", str(server.port))
        assert again.stdout == first.stdout
        assert fresh.rows("SELECT count(*) FROM tenants") == [(1,)]
        (line,) = [line for line in first.stdout.splitlines() if line.startswith("curl ")]
        pasted = subprocess.run([*shlex.split(line), "--noproxy", "*"], capture_output=True, text=True, check=True)
        (billing_key,) = re.findall(rf"Billing +API key +({KEY.pattern})", first.stdout)
        shown, answered = _one_earn(server.url, billing_key)
    assert list(answered) == list(shown)
    assert {name for name, value in answered.items() if value != shown[name]} <= BY_THE_DAY
    assert '"payableAmount":405.00' in pasted.stdout
    assert '"pointsEarned":40.50' in pasted.stdout
    assert fresh.rows("SELECT count(*) FROM loyalty_cards") == [(20,)]
    types = {kind for (kind,) in fresh.rows("SELECT DISTINCT type FROM point_transactions")}
    assert {"EARNED", "REFERRAL_EARNED", "REDEEMED", "REVERSED", "REDEEM_REVERSED", "REFERRAL_REVERSED"} <= types
    (keys,) = tmp_path.glob("*.demo-keys.json")
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600


def _one_earn(url: str, key: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Paste the README's earn into a shell; gives the answer that the README shows, and the one that came."""
    section = README.read_text().split("## One earn\n", 1)[1].split("\n## ", 1)[0]
    typed, shown = re.findall(r"^```(?:sh)?\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    typed = typed.replace("http://127.0.0.1:8089", url).replace("csk_...", key).replace("curl -i", "curl --noproxy '*' -i")
    came = subprocess.run(["/bin/sh", "-c", typed], capture_output=True, text=True, check=True).stdout
    first, second = (json.loads(text[text.index("\n{") :], parse_float=str) for text in (shown, came.replace("\r", "")))
    return first, second


def test_lost_keys_are_made_anew_for_the_same_pharmacy(fresh: PrivateDatabase, tmp_path: Path) -> None:
    first = card_service(fresh, "demo", "--seed-only")
    entries = fresh.rows("SELECT count(*), sum(points) FROM point_transactions")
    (keys,) = tmp_path.glob("*.demo-keys.json")
    keys.unlink()
    second = card_service(fresh, "demo", "--seed-only")
    assert second.returncode == 0, second.stderr
    assert set(KEY.findall(first.stdout)).isdisjoint(KEY.findall(second.stdout))
    ((login, password), *_) = PERSON.findall(first.stdout)
    assert Browser(start_service(fresh)).sign_in(login, password).status_code == 403
    ((login, password), *_) = PERSON.findall(second.stdout)
    assert Browser(start_service(fresh)).sign_in(login, password).status_code == 303
    assert fresh.rows("SELECT count(*) FROM users") == [(2,)]
    assert fresh.rows("SELECT count(*) FROM tenants") == [(1,)]
    assert fresh.rows("SELECT count(*) FROM loyalty_cards") == [(20,)]
    assert fresh.rows("SELECT count(*), sum(points) FROM point_transactions") == entries


def test_the_main_job_is_played_as_a_receipt(database: PrivateDatabase, tmp_path: Path) -> None:
    # Where the picture goes on a server is the checkout's own folder; a data folder of the test's own keeps it clean.
    done = card_service(database, "demo", "--play-only", data_dir=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) <= 80
    for said in (
        r"Read back from its barcode by the scanner +21\d{14}$",
        r"Payable +Rs 1,110\.00$",
        r"Earned, as calculated +27\.80 pts$",
        r"5\. The rest comes back: the bill is cancelled$",
        r"Asha Rao: ledger, lots and balance agree +100\.00 pts$",
    ):
        assert re.search(said, done.stdout, re.MULTILINE), said
    assert (tmp_path / "demo-card.png").read_bytes().startswith(b"\x89PNG")
    assert_books_balance(database)
