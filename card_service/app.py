"""The application: its database, who may call, and every route. The API's table of contents."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from flask import Flask

from card_service import migrate
from card_service.campaigns.routes import blueprint as campaigns
from card_service.card_config.routes import blueprint as card_config
from card_service.cards.code_routes import blueprint as codes
from card_service.cards.routes import blueprint as cards
from card_service.earning_rules.routes import blueprint as earning_rules
from card_service.kit.auth.authenticate import Authenticator, StoredKey
from card_service.kit.auth.limits import Limiter
from card_service.kit.auth.sessions import SessionSecret
from card_service.kit.context import Context, utc_now
from card_service.kit.db.database import Database
from card_service.kit.docs.page import docs_blueprint
from card_service.kit.http.api import build_api
from card_service.kit.observe import count_retry
from card_service.kit.observe import register as observe
from card_service.loyalty.activity_routes import activities
from card_service.loyalty.routes import blueprint as loyalty
from card_service.points.campaign_routes import blueprint as campaign_results
from card_service.points.card_routes import blueprint as ledger
from card_service.points.routes import blueprint as billing
from card_service.programs.routes import blueprint as programs
from card_service.referrals.routes import blueprint as referrals
from card_service.referrals.routes import programme as referral_programme
from card_service.tenants.find import key_by_prefix, tenant_exists
from card_service.tiers.routes import blueprint as tiers
from card_service.web.assets import blueprint as assets
from card_service.web.counter_batch import blueprint as counter_batch
from card_service.web.counter_return_routes import blueprint as counter_returns
from card_service.web.counter_routes import blueprint as counter
from card_service.web.i18n import translate_templates
from card_service.web.print_routes import blueprint as card_printing
from card_service.web.sign_in_routes import blueprint as people
from config.settings import Settings

VERSION = "0.1.0"
BLUEPRINTS = (
    card_config,
    campaigns,
    campaign_results,
    codes,
    cards,
    referrals,
    referral_programme,
    programs,
    earning_rules,
    activities,
    loyalty,
    tiers,
    ledger,
    billing,
)
PAGES = (people, assets, counter, counter_returns, counter_batch, card_printing)
"""What people open in a browser; no part of the API."""
NOBODY = 0


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> Flask:
    """Build the application; the database must be migrated, but need not be reachable yet."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__, static_folder=None)
    database = Database(settings.database_url, pool_size=settings.database_pool_size, on_retry=count_retry)
    made = migrate.secrets_of(database.engine)
    database.memory["card_number_key"] = _secret(settings.card_number_secret, made, migrate.CARD_NUMBER_SECRET)
    app.extensions["database"] = database
    app.extensions["clock"] = clock
    key_secret = _secret(settings.key_secret, made, migrate.KEY_SECRET)
    app.extensions["session_secret"] = SessionSecret(key_secret)
    app.extensions["authenticate"] = Authenticator(
        key_secret=key_secret,
        jwt_keys=settings.jwt_keys,
        jwt_issuer=settings.jwt_issuer or "",
        jwt_audience=settings.jwt_audience or "",
        limiter=Limiter.of(settings.rate_limit_storage, settings.failed_auth_limit, settings.rate_limit),
        clock=clock,
        find_key=_find_key(database, clock),
        tenant_exists=lambda tenant_id: database.read(tenant_exists, Context(tenant_id, "authentication", clock())),
    )
    app.extensions["api"] = build_api(app, BLUEPRINTS, version=VERSION, examples=_examples())
    app.register_blueprint(docs_blueprint("/openapi.json"))
    translate_templates(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    observe(app, database, at_head=lambda: migrate.current_revision(database.engine) == migrate.head_revision())
    return app


def openapi_document() -> str:
    """Write the OpenAPI document, which needs no database."""
    return build_api(Flask(__name__), BLUEPRINTS, version=VERSION, examples=_examples()).document


def _examples() -> Iterator[dict[str, Any]]:
    """Read requests and the answers they got, which the tests play again; read when the document is asked for."""
    text = files("card_service").joinpath("examples.json").read_text("utf-8")
    steps: list[dict[str, Any]] = json.loads(text, parse_float=Decimal)
    yield from steps


def _secret(given: str | None, made: dict[str, str], name: str) -> bytes:
    """Take the secret of the settings, or the one that `db upgrade` made."""
    return (given or made[name]).encode()


def _find_key(database: Database, clock: Callable[[], datetime]) -> Callable[[str], StoredKey | None]:
    def find(prefix: str) -> StoredKey | None:
        return database.read(key_by_prefix, Context(NOBODY, "authentication", clock()), prefix)

    return find
