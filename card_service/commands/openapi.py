"""`card-service openapi`: the description of the API."""

import json

import click


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the API, as /openapi.json serves it. Needs no database."""
    from card_service.app import openapi_document  # noqa: PLC0415 - loading every route takes a while

    click.echo(json.dumps(openapi_document(), indent=2))
