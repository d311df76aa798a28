"""`docservice api`: the JSON API alone, for whoever runs workers, relay and broker in another way."""

from __future__ import annotations

import sys


def api() -> int:
    """Serve the JSON API alone until SIGTERM (DOCSERVICE_HOST, DOCSERVICE_PORT); log lines go to standard error."""
    from docservice.api.app import create_app
    from docservice.api.probes import probes_of
    from docservice.api.server import ApiServer
    from docservice.commands.installation import opened
    from docservice.tools.logs import json_logger

    with opened(log_level="info") as services:
        settings = services.settings
        app = create_app(services, probes_of(services, settings.broker_url), json_logger(sys.stderr))
        ApiServer(app, settings.host, settings.port).run()
    return 0
