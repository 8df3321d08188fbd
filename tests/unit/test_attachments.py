"""Attachments get harmless names, overwrite nothing, and are written as a whole or not at all."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smtp
from mailpit_notifier.cli.printing import MAX_BYTES, MAX_LENGTH, SavedAttachments, SaveError, safe_name
from mailpit_notifier.client.source import Source, read_chunks
from mailpit_notifier.client.source_stream import CutError, Limits
from mailpit_notifier.runtime.text import line
from platforms import needs_links


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("Rechnung März, €.pdf", "Rechnung März, €.pdf"),
        ("Invoice 3/2026.pdf", "Invoice 3_2026.pdf"),
        ("../../x", "x"),
        ("/etc/passwd", "etc_passwd"),
        ("..\\..\\C:\\a.doc", "C__a.doc"),
        ("CON", "_CON"),
        ("nul.tar.gz", "_nul.tar.gz"),
        ("com¹ .txt", "_com¹.txt"),
        ("console.txt", "console.txt"),
        (".bashrc", "bashrc"),
        ("-rf", "_-rf"),
        ("~root", "_~root"),
        ("a:b|c?.txt", "a_b_c_.txt"),
        ("x.txt. . ", "x.txt"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\x00b\x1b[2J\n.txt", "ab[2J.txt"),
        ("e\u0301.txt", "é.txt"),
        ("", "attachment.pdf"),
        ("..", "attachment.pdf"),
        (" \u200b/", "attachment.pdf"),
        ("a" * 299 + ".docx", "a" * 115 + ".docx"),
        ("a" * 300, "a" * 116 + ".pdf"),
        ("ä" * 150 + ".txt", "ä" * 98 + ".txt"),
        ("a." + "b" * 50, "a." + "b" * 50),
    ],
)
def test_names_are_harmless(name: str, safe: str) -> None:
    assert safe_name(name, "application/pdf") == safe


@given(name=st.text(max_size=300), kind=st.sampled_from(["a/b", "text/html"]))
def test_any_name_gives_a_file_in_the_folder(name: str, kind: str) -> None:
    safe = safe_name(name, kind)
    assert Path("folder", safe).parent == Path("folder")
    assert line(safe) == safe
    assert safe[0] not in ".-~ "
    assert safe[-1] not in ". "
    assert len(safe) <= MAX_LENGTH + 1
    assert len(safe.encode()) <= MAX_BYTES + 1


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def chunks(source: bytes) -> list[bytes]:
    return [source[place : place + 1000] for place in range(0, len(source), 1000)]


def save(saved: SavedAttachments, *files: tuple[str, bytes], limits: Limits | None = None) -> Source:
    source = smtp.compose("Files", attachments=files)
    return read_chunks(chunks(source), limits or Limits(), with_attachments=True, sink=saved)


def test_files_that_exist_are_kept_and_equal_names_get_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine")
    (tmp_path / "folder").mkdir()
    files = [("a.txt", b"1"), ("a.txt", b"2"), ("folder", b"4"), ("b.bin", bytes(range(256)) * 50)]
    saved = SavedAttachments(tmp_path)
    save(saved, *files)
    written = saved.taken()
    assert [Path(one["path"]).name for one in written] == ["a-2.txt", "a-3.txt", "folder-2", "b.bin"]
    assert [Path(one["path"]).read_bytes() for one in written] == [content for _, content in files]
    assert [(one["name"], one["size"]) for one in written] == [(name, len(content)) for name, content in files]
    assert (tmp_path / "a.txt").read_text() == "mine"
    assert saved.taken() == []


@needs_links
def test_a_link_that_exists_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(tmp_path / "nowhere")
    saved = SavedAttachments(tmp_path)
    save(saved, ("link.txt", b"3"))
    assert [Path(one["path"]).name for one in saved.taken()] == ["link-2.txt"]
    assert not (tmp_path / "nowhere").exists()


def test_an_incomplete_attachment_is_deleted(tmp_path: Path) -> None:
    saved = SavedAttachments(tmp_path)
    source = save(saved, ("a.txt", b"1"), ("b.txt", b"2" * 10_000), limits=Limits(source=3_000))
    assert source.is_partial
    assert [one["name"] for one in saved.taken()] == ["a.txt"]
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("error", [CutError(), ConnectionError()])
def test_an_attachment_whose_connection_breaks_is_deleted(tmp_path: Path, error: Exception) -> None:
    saved = SavedAttachments(tmp_path)

    def broken() -> Iterator[bytes]:
        yield from chunks(smtp.compose("Files", attachments=[("b.txt", b"2" * 10_000)]))[:5]
        raise error

    with contextlib.suppress(ConnectionError):
        read_chunks(broken(), with_attachments=True, sink=saved)
    assert saved.taken() == []
    assert names(tmp_path) == []


def test_the_total_size_is_bounded(tmp_path: Path) -> None:
    saved = SavedAttachments(tmp_path, most=2**20)
    source = save(saved, ("a.txt", b"1" * 600_000), ("b.txt", b"2" * 600_000))
    assert str(saved.failure) == "The attachments have more than 1 MB together."
    assert (source.is_partial, [one["name"] for one in saved.taken()]) == (True, ["a.txt"])
    assert names(tmp_path) == ["a.txt"]


def test_an_unusable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "x"):
        with pytest.raises(SaveError, match="Cannot make the folder"):
            SavedAttachments(folder).prepare()
    gone = SavedAttachments(tmp_path / "new" / "er")
    gone.prepare()
    (tmp_path / "new" / "er").rmdir()
    source = save(gone, ("a.txt", b"1"))
    assert str(gone.failure) == f"Cannot write to {tmp_path / 'new' / 'er'}: No such file or directory."
    assert source.is_partial
