"""Faults: when each is retried, and which answer of a server means which fault."""

import pytest

from mailpit_notifier.protocol.faults import Fault, FaultError, Retry, fault_from_answer
from mailpit_notifier.protocol.urls import ServerUrl


def test_faults_that_only_the_user_can_fix_are_retried_late_and_others_soon() -> None:
    assert {fault.name for fault in Fault if fault.retry is Retry.LATE} == {
        "AUTH",
        "CA_FILE",
        "CERTIFICATE_CHANGED",
        "CLIENT_CERTIFICATE",
        "LOGIN_PAGE",
        "NOT_FOUND",
        "NOT_MAILPIT",
        "NO_PASSWORD",
        "ORIGIN",
        "OTHER_AUTH",
        "PROXY_AUTH",
        "PROXY_INVALID",
        "PROXY_OTHER_AUTH",
        "PROXY_SOCKS",
        "REDIRECTED",
        "REJECTED",
        "TLS",
        "TLS_MISSING",
        "TLS_NEEDED",
        "TOO_OLD",
        "UNENCRYPTED",
    }
    assert {fault.retry for fault in Fault} == {Retry.SOON, Retry.LATE}


def test_every_fault_is_a_sentence_of_its_own_that_follows_a_name() -> None:
    sentences = {fault.sentence for fault in Fault}
    assert len(sentences) == len(Fault)
    assert all(sentence.endswith(".") and sentence[0].islower() for sentence in sentences)


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (401, Fault.AUTH),
        (403, Fault.ORIGIN),
        (404, Fault.NOT_FOUND),
        (407, Fault.PROXY_AUTH),
        (502, Fault.STOPPED),
        (503, Fault.STOPPED),
        (504, Fault.STOPPED),
        (500, Fault.SERVER_ERROR),
        (520, Fault.SERVER_ERROR),
        (522, Fault.SERVER_ERROR),
        (530, Fault.SERVER_ERROR),
        (408, Fault.SERVER_ERROR),
        (429, Fault.RATE_LIMITED),
        (496, Fault.CLIENT_CERTIFICATE),
        (511, Fault.LOGIN_PAGE),
        (200, Fault.NOT_MAILPIT),
    ],
)
def test_a_status_is_a_fault(status: int, fault: Fault) -> None:
    assert fault_from_answer(status, ServerUrl.parse("http://mail.example/")).fault is fault


@pytest.mark.parametrize("target", ["", "/", "/mail/", "http://mail.example/mail/?next=/api", "/mail/api/v1/messages"])
def test_a_redirect_to_the_same_address_is_not_suggested_as_another(target: str) -> None:
    url = ServerUrl.parse("http://mail.example/mail/" if "mail" in target else "http://mail.example/")
    error = fault_from_answer(302, url, lambda _name: [target])
    assert error.fault is Fault.NOT_MAILPIT


def test_an_address_that_is_cut_does_not_appear_as_a_whole_one() -> None:
    target = "http://mail.example." + "a" * 60 + "." + "b" * 60 + ".evil.test/"
    error = fault_from_answer(302, ServerUrl.parse("http://localhost/"), lambda _name: [target])
    assert error.fault is Fault.REDIRECTED
    assert f"{error.about}." in error.explain()
    assert error.about.endswith("b…")


def test_the_log_has_a_fault_and_its_detail() -> None:
    assert str(FaultError(Fault.NO_UPGRADE)) == "no_upgrade"
    assert str(FaultError(Fault.NO_UPGRADE, "status 502")) == "no_upgrade: status 502"
