"""`card-service demo`: a pharmacy to try the service on."""

import click


@click.command()
def demo() -> None:
    """Show the service at work."""
