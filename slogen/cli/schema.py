"""slogen schema: the JSON Schema for editors."""

import click

from slogen.cli.output import print_json


@click.command("schema", short_help="Print the JSON Schema of SLO files.")
def command() -> None:
    r"""
    Print the JSON Schema of SLO files and of slogen.yaml, which differ by
    their keys: an SLO file has a service.

    \b
        slogen schema > slogen.schema.json

    and, as the first line of a file, for editors with a YAML language server:

    \b
        # yaml-language-server: $schema=../slogen.schema.json
    """
    from slogen import schema

    print_json(schema.document())
