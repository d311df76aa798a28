"""`docservice serve`: API, workers, relay and embedded broker in one command. `docservice api`: the API alone."""

from __future__ import annotations

import sys


def serve() -> int:
    """Run everything at http://127.0.0.1:8000 until Ctrl-C (DOCSERVICE_HOST, DOCSERVICE_PORT, DOCSERVICE_WORKERS)."""
    from docservice.commands.installation import prepare_data_dir, read_settings
    from docservice.embedded import serve as run

    settings = read_settings()
    prepare_data_dir(settings)
    return run(settings)


def api() -> int:
    """Serve the JSON API alone until SIGTERM (DOCSERVICE_HOST, DOCSERVICE_PORT); log lines go to standard error."""
    from docservice.api.app import create_app
    from docservice.api.probes import probes_of
    from docservice.api.server import ApiServer
    from docservice.commands.installation import opened
    from docservice.tools.logs import json_logger, take_over_libraries

    take_over_libraries()
    with opened(log_level="info") as services:
        settings = services.settings
        app = create_app(services, probes_of(services, settings.broker_url), json_logger(sys.stderr))
        ApiServer(app, settings.host, settings.port).run()
    return 0
