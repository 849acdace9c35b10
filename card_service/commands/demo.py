"""`card-service demo`: a pharmacy to try the service on, and the main job played once."""

import click

from card_service.commands.connection import key_secret, opened, read_settings
from card_service.commands.failure import Failure
from card_service.commands.serve import DEFAULT_HOST, DEFAULT_PORT
from config import logging
from config.settings import Settings


@click.command()
@click.option("--seed-only", is_flag=True, help="Only make the demo pharmacy, once, and show its keys.")
@click.option("--play-only", is_flag=True, help="Only play the main job, without the demo pharmacy.")
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="The port to show.")
def demo(port: int, *, seed_only: bool, play_only: bool) -> None:
    """Show the service at work.

    Makes a demo pharmacy with twenty cards and six weeks of bills if there is none yet, then plays the main job
    with a tenant of its own: a card is issued and its barcode read back, a bill is calculated, paid with points,
    earned, half returned and cancelled, and the balance is proved. Printed as a receipt.

    Needs a migrated database, and for the barcode the scanner: pip install 'card-service[scanner]'.
    """
    if seed_only and play_only:
        raise click.UsageError("--seed-only and --play-only exclude each other")
    settings = read_settings()
    # The receipt is for people; a line of JSON for each of its requests would hide it.
    logging.configure("WARNING")
    # The checks of every command, before the application is built.
    with opened(settings) as database:
        secret = key_secret(settings, database)
    if not play_only:
        _seed(settings, secret, f"http://{DEFAULT_HOST}:{port}")
    if not seed_only:
        _play(settings, secret)


def _seed(settings: Settings, secret: bytes, url: str) -> None:
    from card_service.demo import keys_file, pharmacy  # noqa: PLC0415 - these load the whole application
    from card_service.kit.context import utc_now  # noqa: PLC0415

    path = keys_file.keys_path(settings)
    with opened(settings) as database:
        keys = pharmacy.find_pharmacy(database, path, utc_now())
    if keys is None:
        from card_service.app import create_app  # noqa: PLC0415 - a second run need not wait for it

        click.echo("Making the demo pharmacy, once ...", err=True)
        database = create_app(settings).extensions["database"]
        keys = pharmacy.make_pharmacy(database, path, secret, utc_now())
        database.engine.dispose()
    click.echo(pharmacy.welcome(keys, url))


def _play(settings: Settings, secret: bytes) -> None:
    from werkzeug.test import Client  # noqa: PLC0415

    from card_service.app import create_app  # noqa: PLC0415
    from card_service.commands.connection import operator  # noqa: PLC0415
    from card_service.demo.counter import DemoStopped, Till  # noqa: PLC0415
    from card_service.demo.keys_file import data_folder  # noqa: PLC0415
    from card_service.demo.play import play  # noqa: PLC0415
    from card_service.kit.auth.caller import ROLES  # noqa: PLC0415
    from card_service.kit.auth.keys import new_key  # noqa: PLC0415
    from card_service.tenants.create import CreateTenant, create_tenant  # noqa: PLC0415

    app = create_app(settings)
    database = app.extensions["database"]
    keys = {role: new_key(secret) for role in ROLES}
    made = database.transact(create_tenant, operator(), CreateTenant(name="Demo counter", keys=keys))
    try:
        for line in play(Till(Client(app), made.keys), data_folder(settings) / "demo-card.png"):
            click.echo(line)
    except DemoStopped as stopped:
        raise Failure(f"The demo stopped: {stopped}") from stopped
    finally:
        database.engine.dispose()
