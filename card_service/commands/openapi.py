"""`card-service openapi`: the description of the API."""

import click


@click.command()
def openapi() -> None:
    """Print the OpenAPI document.

    OpenAPI 3.1, as /openapi.json serves it; needs no database.
    """
    from card_service.app import openapi_document  # noqa: PLC0415 - loading every route takes a while

    click.echo(openapi_document(), nl=False)
