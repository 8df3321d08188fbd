"""The fields of a certificate, compared with those that the standard library reads."""

import ssl
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates import der, self_signed
from mailpit_notifier.client.certificates import Certificate, read_certificate

SHOWN = ("commonName", "organizationName", "organizationalUnitName")


@cache
def roots() -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not context.get_ca_certs():
        pytest.skip("this system has no file of certificates")
    return context


def as_read(fields: dict[str, Any]) -> Certificate:
    def name(parts: Any) -> str:
        pairs = dict(reversed(list(chain.from_iterable(parts))))
        return ", ".join(pairs[kind] for kind in SHOWN if kind in pairs)

    def moment(text: str) -> datetime:
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)

    return Certificate(
        subject=name(fields["subject"]),
        issuer=name(fields["issuer"]),
        begins=moment(fields["notBefore"]),
        ends=moment(fields["notAfter"]),
    )


def test_the_certificates_of_the_system_are_read_as_the_standard_library_does() -> None:
    context = roots()
    if not context.get_ca_certs():
        pytest.skip("this system has no certificates")
    for data, fields in zip(context.get_ca_certs(binary_form=True), context.get_ca_certs(), strict=True):
        assert read_certificate(data) == as_read(fields)


@pytest.mark.process
def test_a_self_signed_certificate_is_parsed(tmp_path: Path) -> None:
    read = read_certificate(der(self_signed(tmp_path, "/O=Ärger & Co/CN=mail.test")))
    assert read.subject == read.issuer == "mail.test, Ärger & Co"
    assert (read.ends - read.begins).days == 2


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda data: bytes([0x30, len(data)]) + data))
def test_junk_is_no_certificate(data: bytes) -> None:
    with pytest.raises(ValueError, match="no certificate"):
        read_certificate(data)


@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_certificate_is_parsed_or_refused(place: float, byte: int, cut: bool) -> None:
    data = bytearray(roots().get_ca_certs(binary_form=True)[0])
    spot = int(place * len(data))
    data[spot] = byte
    with suppress(ValueError):
        assert read_certificate(bytes(data[:spot] if cut else data)).begins
