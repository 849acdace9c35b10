"""`scanner devices`: lists what is plugged in that may be a source."""

import json

import click

from scanner.sources.machine import Machine, Plugged


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: kind, id, path, canBeOpened.")
def devices(*, as_json: bool) -> None:
    """List readers and cameras.

    Prints a line for each: what to give as source, its path, and whether you may open it, with a tab between them. All
    keyboards are listed, for a reader may be one: unplug the reader and look which of them is gone, and never choose the
    keyboard you type on. What may not be opened, `scanner doctor` says how to allow.
    """
    there = everything(Machine())
    for one in there:
        click.echo(_as_json(one) if as_json else f"{one.kind}:{one.id}\t{one.path}\t{'yes' if one.may_be_opened else 'no'}")
    if not there:
        click.echo("scanner: no reader and no camera is there; plug one in, then type: scanner doctor", err=True)


def everything(machine: Machine) -> list[Plugged]:
    """Return all that may be a source."""
    return [*machine.keyboards(), *machine.serial_ports(), *machine.hid_readers(), *machine.cameras()]


def _as_json(one: Plugged) -> str:
    return json.dumps({"kind": one.kind, "id": one.id, "path": str(one.path), "canBeOpened": one.may_be_opened})
