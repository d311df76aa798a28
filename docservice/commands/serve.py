"""`docservice serve`: API, workers, relay and embedded broker in one command."""

from __future__ import annotations


def serve() -> int:
    """Run everything at http://127.0.0.1:8000 until Ctrl-C (DOCSERVICE_HOST, DOCSERVICE_PORT, DOCSERVICE_WORKERS)."""
    from docservice.commands.installation import prepare_data_dir, read_settings
    from docservice.embedded import serve as run

    settings = read_settings()
    prepare_data_dir(settings)
    return run(settings)
