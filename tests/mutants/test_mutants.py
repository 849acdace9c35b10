"""Every seeded defect is caught: its named test, which passes on the code as it is, fails on a copy with the defect."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.mutants.seeded import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
NEEDED = ("card_service", "config", "migrations", "tests")
FILES = ("setup.cfg", "pyproject.toml")
TIMEOUT_SECONDS = 120.0
FAILED = 1
Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def verdicts(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Done]]]:
    """Run the tests of all chosen mutants, two at a time."""
    chosen = [
        item.callspec.params["mutant"]
        for item in request.session.items
        if hasattr(item, "callspec") and "mutant" in item.callspec.params
    ]
    with ThreadPoolExecutor(2) as threads:
        yield {mutant.name: threads.submit(_run_on_a_copy, mutant, tmp_path_factory.mktemp("mutant")) for mutant in chosen}


@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name.replace(" ", "-") for mutant in MUTANTS])
def test_a_seeded_defect_is_caught_by_its_named_test(mutant: Mutant, verdicts: dict[str, Future[Done]]) -> None:
    done = verdicts[mutant.name].result()

    assert done.returncode == FAILED, done.stdout + done.stderr
    verdict = re.search(rf"^(FAILED|ERROR) {re.escape(mutant.caught_by)} - (.*)", done.stdout, re.MULTILINE)
    assert verdict is not None, done.stdout
    assert re.search(mutant.says, verdict[2]), verdict[0]


def test_there_are_enough_mutants_and_each_has_a_name_of_its_own() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 8


def _run_on_a_copy(mutant: Mutant, folder: Path) -> Done:
    _copy_code(folder)
    for change in mutant.changes:
        path = folder / change.file
        code = path.read_text()
        assert code.count(change.old) == change.times, f"{change.file} has moved on: bring this mutant up to date"
        path.write_text(code.replace(change.old, change.new))
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", mutant.caught_by],
        cwd=folder,
        env=_environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def _copy_code(folder: Path) -> None:
    for name in NEEDED:
        # The compiled files come along: they fit as long as size and time of the source do.
        shutil.copytree(ROOT / name, folder / name)
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)


def _environment(folder: Path) -> dict[str, str]:
    """Let every process that the test starts find the copy first; what measures coverage must not see it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "COV_", "PYTEST"))}
    # Plugins of pytest that no named test needs take longer to load than the tests take to run.
    return kept | {"PYTHONPATH": str(folder), "COLUMNS": "500", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
