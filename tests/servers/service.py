"""The service in this process, with a clock that stands still."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from config.settings import Settings
from tests.servers.clients import Client, Tenant, in_process, tenant_of
from tests.servers.clock import Clock
from tests.servers.databases import PrivateDatabase
from tests.servers.tenants import create_in

_numbers = count(1)


@dataclass(frozen=True)
class Service:
    """The WSGI application on one of the databases, called without a network."""

    app: Any
    database: PrivateDatabase
    clock: Clock = field(default_factory=Clock)

    @property
    def anonymous(self) -> Client:
        """A client of the API without a credential, from an address of its own."""
        return Client(in_process(self.app, new_address()))

    @property
    def root(self) -> Client:
        """A client of what is outside the API: /openapi.json, /docs, /healthz, /readyz, /metrics."""
        return Client(in_process(self.app, new_address()), base="")

    def tenant(self, name: str | None = None) -> Tenant:
        """Make a tenant with an API key for each role; its clients call from an address of their own."""
        name = name or f"Pharmacy {next(_numbers)}"
        made = create_in(self.app, name)
        return tenant_of(in_process(self.app, new_address()), made.tenant_id, name, made.keys)


def start_service(database: PrivateDatabase, clock: Clock | None = None, **settings: Any) -> Service:
    """Build the application on a database with a clock; `settings` are fields of Settings."""
    from card_service.app import create_app  # noqa: PLC0415 - tests of pure rules start without loading the service

    clock = clock or Clock()
    app = create_app(Settings(database_url=database.url, **settings), clock=clock)
    return Service(app, database, clock)


def new_address() -> str:
    """Return an address nobody called from yet, so that failed authentications of one test limit no other."""
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
