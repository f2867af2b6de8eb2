"""sipp's own message log is read for numbers and instants; it is the witness of the big try."""

from __future__ import annotations

from fractions import Fraction

from switch_adapters.lab.call_plan import talked
from switch_adapters.lab.sipp import read_messages

RULE = "-----------------------------------------------"


def _message(stamp: str, direction: str, text: str) -> str:
    return f"{RULE} 2026-11-23 05:13:{stamp}\nUDP message {direction} [1] bytes :\n\n{text}\n\n"


def _dialog(call: str, *lines: str) -> str:
    return "\r\n".join([lines[0], f"Call-ID: {call}", *lines[1:]])


INVITE = ("INVITE sip:9442079460001@127.0.0.1:5 SIP/2.0", "From: <sip:442070000001@x>;tag=a", "CSeq: 7 INVITE")


def test_number_caller_answer_and_end_are_found() -> None:
    log = (
        _message("35.292951", "received", _dialog("c1", *INVITE))
        + _message("35.293091", "sent", _dialog("c1", "SIP/2.0 180 Ringing", "CSeq: 7 INVITE"))
        + _message("35.699310", "sent", _dialog("c1", "SIP/2.0 200 OK", "CSeq: 7 INVITE"))
        + _message("35.899310", "sent", _dialog("c1", "SIP/2.0 200 OK", "CSeq: 7 INVITE"))
        + _message("38.022642", "received", _dialog("c1", "BYE sip:x@y SIP/2.0", "CSeq: 8 BYE"))
        + _message("38.022700", "sent", _dialog("c1", "SIP/2.0 200 OK", "CSeq: 8 BYE"))
    )
    (heard,) = read_messages(log)
    assert (heard.number, heard.caller, heard.final_code) == ("9442079460001", "442070000001", 200)
    assert talked(heard) == Fraction("2.323332")


def test_a_call_that_was_given_up_has_no_answer() -> None:
    log = (
        _message("35.292951", "received", _dialog("c1", *INVITE))
        + _message("35.9", "received", _dialog("c1", "CANCEL sip:x@y SIP/2.0", "CSeq: 7 CANCEL"))
        + _message("35.91", "sent", _dialog("c1", "SIP/2.0 200 OK", "CSeq: 7 CANCEL"))
        + _message("35.92", "sent", _dialog("c1", "SIP/2.0 487 Request Terminated", "CSeq: 7 INVITE"))
    )
    (heard,) = read_messages(log)
    assert (heard.answered_at, heard.final_code, talked(heard)) == (None, 487, 0)
