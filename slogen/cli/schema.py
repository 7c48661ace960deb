"""slogen schema: the JSON Schema for editors."""

import click

from slogen.cli.output import print_json


@click.command("schema", short_help="Print the JSON Schema of SLO files.")
def command() -> None:
    """
    Print the JSON Schema of SLO files and of slogen.yaml, which differ by
    their keys: an SLO file has a service.

    \b
        slogen schema > slogen.schema.json

    and, as the first line of a file, for editors with a YAML language server:

    \b
        # yaml-language-server: $schema=../slogen.schema.json
    """  # noqa: D301 - click takes the character for: leave these lines as they are
    from slogen import schema

    print_json(schema.document())
