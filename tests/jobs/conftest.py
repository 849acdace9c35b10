"""Jobs in this process, on the clock of the service."""

from collections.abc import Iterator

import pytest

from card_service.jobs.run import Runner
from card_service.kit.db.database import Database
from tests.servers.service import Service


@pytest.fixture
def runner(service: Service) -> Iterator[Runner]:
    """Give what runs the jobs on each kind of database."""
    database = Database(service.database.url)
    yield Runner(database, service.clock)
    database.engine.dispose()
