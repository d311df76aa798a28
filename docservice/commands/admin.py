"""Administration: `docservice db upgrade`, `docservice token create NAME`."""

from __future__ import annotations

import json as json_text

from cyclopts import App

from docservice.commands.installation import opened

db = App(name="db", help="The database.")
token = App(name="token", help="Bearer tokens for the API.")


@db.command
def upgrade(*, json: bool = False) -> int:
    """Bring the database to the newest tables; at head this changes nothing.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    with opened() as services:
        version = services.database.version()
    print(json_text.dumps({"version": version}) if json else f"The database is at version {version}.")
    return 0


@token.command
def create(name: str, /, *, json: bool = False) -> int:
    """Make a bearer token and print its secret, which cannot be shown again.

    Parameters
    ----------
    name
        What the token is for: letters, digits, dots, dashes.
    json
        Print one JSON document.
    """
    with opened() as services:
        secret = services.accounts.create(name)
    print(json_text.dumps({"name": name, "token": secret}) if json else secret)
    return 0
