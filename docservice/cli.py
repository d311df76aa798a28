"""The command line: `docservice COMMAND`. Each command is loaded only when it is asked for."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from cyclopts import App, CycloptsError, Parameter

from docservice import __version__
from docservice.domain.errors import DocserviceError, InvalidInput
from docservice.domain.text.messages import speaks_german

if TYPE_CHECKING:
    from typing import NoReturn

USER_ERROR = 2
_ENDED = 128  # and the number of the signal that ended the command, as shells have it
INTERRUPTED = _ENDED + signal.SIGINT
_ABOUT = """Bilingual integration agreements, annexes and help plans from case data, and their signed scans.

Data is kept in ./data, or in DOCSERVICE_DATA_DIR. Every command takes --debug, which shows the traceback of an error.
"""
_COMMANDS = {  # stated here, so that the overview loads none of them
    "cases": ("docservice.commands.cases.search:cases", "Find cases: by number, names, state, appointments, paper."),
    "bundle": ("docservice.commands.bundle:bundle", "Make one bundle from a case file."),
    "scan": ("docservice.commands.scan:scan", "Read returned scans: what came back, what is missing, who signed."),
    "reviews": ("docservice.commands.reviews:reviews", "List what waits for a person."),
    "decide": ("docservice.commands.reviews:decide", "Answer a question of the reviews."),
    "verify": ("docservice.commands.verify:check", "Check an archive package, offline."),
    "register": ("docservice.commands.verify:export", "Write the register of archived packages to a file."),
    "report": ("docservice.commands.report:app", "Count the office's own figures; compare municipalities."),
    "serve": ("docservice.commands.serve:serve", "Run API, workers, relay and broker until Ctrl-C."),
    "api": ("docservice.commands.serve:api", "Run the API alone, beside workers and broker that run elsewhere."),
    "demo": ("docservice.commands.demo:demo", "From a case to signed scans in the archive, from nothing, and shown."),
    "doctor": ("docservice.commands.doctor:doctor", "Look at everything this installation needs."),
    "template": ("docservice.commands.template:app", "List, check and preview the document templates."),
    "db": ("docservice.commands.admin:db", "Bring the database to the newest tables."),
    "token": ("docservice.commands.admin:token", "Make bearer tokens for the API."),
    "bench": ("docservice.commands.bench:bench", "Measure this service against its peers."),
}


def main(tokens: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 done with failures, 2 the user's error (told in clear lines).

    128 and the number of the signal when it was ended by one."""
    arguments = list(sys.argv[1:] if tokens is None else tokens)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    with _ended_by_signals():
        try:
            status = _run(arguments) if debug else _told_plainly(arguments, lambda: _run(arguments))
        except _Ended as ended:
            status = _ENDED + ended.number
    if status < _ENDED:
        sys.exit(status)
    # Whatever threads are still at has been given back; nobody waits for them.
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # the terminal may be gone
            stream.flush()
    os._exit(status)


class _Ended(BaseException):
    """A signal asks this process to end. Raised in the main thread, so that everything open is closed on the way."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and, unless it is to be ignored (nohup), SIGHUP end the block as Ctrl-C does; once is enough."""

    def end(number: int, _frame: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise _Ended(number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = {number: handler for number in numbers if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _run(arguments: Sequence[str]) -> int:
    app = App(
        name="docservice",
        help=_ABOUT,
        help_format="plaintext",  # the others load a Markdown renderer, for a tenth of a second
        version=__version__,
        version_flags="--version",
        default_parameter=Parameter(negative=()),
    )
    for name, (place, about) in _COMMANDS.items():
        app.command(place, name=name, help=about)
    status = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    return status if isinstance(status, int) else 0


def _told_plainly(arguments: Sequence[str], run: Callable[[], int]) -> int:
    as_json = "--json" in arguments
    try:
        return run()
    except CycloptsError as error:
        detail = " ".join(str(error).split())
        _complain(DocserviceError.told("cli.usage", detail=detail), as_json)
    except DocserviceError as error:
        _complain(error, as_json)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        sys.stdout = None  # nobody reads on: nothing is left to be flushed
        return 1
    except Exception as error:  # noqa: BLE001 - people get a line, not a traceback
        _complain(_unforeseen(error), as_json)
    return USER_ERROR


def _complain(error: DocserviceError, as_json: bool) -> None:
    german = speaks_german(os.environ)
    detail = error.detail_de if german else error.detail
    faults = error.faults if isinstance(error, InvalidInput) else ()
    print(f"docservice: {detail}", file=sys.stderr)
    for fault in faults:
        example = f" {'Beispiel' if german else 'Example'}: {fault.example}" if fault.example else ""
        print(f"  {fault.path or '-'}: {fault.de if german else fault.en}{example}", file=sys.stderr)
    if as_json:
        told: dict[str, object] = {"code": error.code, "de": error.detail_de, "en": error.detail}
        if faults:
            told["faults"] = [asdict(fault) for fault in faults]
        print(json.dumps({"error": told}, ensure_ascii=False, indent=1))


def _unforeseen(error: Exception) -> DocserviceError:
    if isinstance(error, OSError) and error.filename:
        return DocserviceError.told("cli.file_error", filename=error.filename, why=error.strerror)
    name = type(error).__name__
    return DocserviceError.told("cli.internal_error", name=name)


if __name__ == "__main__":
    main()
