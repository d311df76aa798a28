"""What commands leave for the user."""

from __future__ import annotations

from pathlib import Path

from docservice.commands.files import make_folder, write_file


def test_nothing_a_command_leaves_is_readable_by_strangers(tmp_path: Path) -> None:
    folder = tmp_path / "Fälle neu?"
    make_folder(folder)
    write_file(folder / "agreement.pdf", b"%PDF")
    assert (folder / "agreement.pdf").read_bytes() == b"%PDF"
    assert not any(path.stat().st_mode & 0o007 for path in (folder, *folder.iterdir()))
