"""What a subject says about a mail before anything else is read: whether a machine wants something, or people talk."""

import re

REPLY = re.compile(r"(?:re|aw|sv|vs|antw|fwd?|wg|tr|rv|odp|ynt|回复|回覆|答复|转发|返信)[:：] ?", re.IGNORECASE)
REPOSITORY_OR_NUMBER = re.compile(r"\[[\w.-]+/[\w.-]+\]|(?<!\w)[#!№]\d+(?!\w)")
KEY = re.compile(r"(?<![\w-])[A-Z]{2,10}-\d+(?!\w)")
"""What trackers, insurers and shops call their cases."""

PERCENT = re.compile(r"\d ?%|% ?\d")


def is_reply(subject: str) -> bool:
    """Whether people answer or hand on another mail: a code in theirs is that mail's."""
    return bool(REPLY.match(subject))


def is_talk(subject: str) -> bool:
    """Whether it is a reply, or about something with a number: there a code is quoted rather than sent."""
    return is_reply(subject) or bool(REPOSITORY_OR_NUMBER.search(subject))


def is_about_a_thing(subject: str) -> bool:
    """Whether it is about a case or an offer; the mail can hold a code all the same."""
    return is_talk(subject) or bool(KEY.search(subject) or PERCENT.search(subject))
