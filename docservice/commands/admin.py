"""Administration: `docservice db upgrade`, `docservice token create|list|revoke`."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from datetime import datetime

from cyclopts import App

from docservice.commands.installation import opened, operator

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
        secret = services.accounts.create(operator(), name)
    print(json_text.dumps({"name": name, "token": secret}) if json else secret)
    return 0


@token.command(name="list")
def list_tokens(*, json: bool = False) -> int:
    """List all tokens, revoked ones too. Their secrets are kept nowhere.

    Parameters
    ----------
    json
        Print one JSON document.
    """
    with opened() as services:
        tokens = services.accounts.list(operator())
    if json:
        print(json_text.dumps({"tokens": [asdict(each) for each in tokens]}, default=datetime.isoformat))
        return 0
    for each in tokens:
        state = "valid" if each.revoked_at is None else f"revoked {each.revoked_at:%Y-%m-%d %H:%M} UTC"
        print(f"{each.name}  made {each.created_at:%Y-%m-%d %H:%M} UTC  {state}")
    return 0


@token.command
def revoke(name: str, /, *, json: bool = False) -> int:
    """Take a token back: from now on nobody gets in with it.

    Parameters
    ----------
    name
        Of a valid token, as `token list` shows it.
    json
        Print one JSON document.
    """
    with opened() as services:
        services.accounts.revoke(operator(), name)
    print(json_text.dumps({"revoked": name}) if json else f"{name}: revoked")
    return 0
