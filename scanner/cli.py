"""The `scanner` command: the table of contents of this program."""

import click

from scanner.commands.agent import agent
from scanner.commands.bench import bench
from scanner.commands.decode import decode
from scanner.commands.devices import devices
from scanner.commands.doctor import doctor
from scanner.commands.read import read


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Read loyalty cards at the counter."""


for _command in (agent, bench, decode, devices, doctor, read):
    main.add_command(_command)
