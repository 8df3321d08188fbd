"""How long ago a mail came, short for the eye and in words for the ear. Pure; the caller says what time it is."""

from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def short_age(created: datetime, now: datetime) -> str:
    """For example `now`, `12 min`, `3 h`, `2 d`. A mail from the future (its server's clock is ahead) is `now`."""
    seconds = (now - created).total_seconds()
    if seconds < _MINUTE:
        return QCoreApplication.translate("Age", "now")
    if seconds < _HOUR:
        return QCoreApplication.translate("Age", "{0} min").format(int(seconds // _MINUTE))
    if seconds < _DAY:
        return QCoreApplication.translate("Age", "{0} h").format(int(seconds // _HOUR))
    return QCoreApplication.translate("Age", "{0} d").format(int(seconds // _DAY))


def spoken_age(created: datetime, now: datetime) -> str:
    """The same for a screen reader."""
    minutes = int((now - created).total_seconds() // _MINUTE)
    if minutes < 1:
        return QCoreApplication.translate("Age", "just now")
    if minutes == 1:
        return QCoreApplication.translate("Age", "1 minute ago")
    if minutes < 60:
        return QCoreApplication.translate("Age", "{0} minutes ago").format(minutes)
    hours = minutes // 60
    if hours == 1:
        return QCoreApplication.translate("Age", "1 hour ago")
    if hours < 24:
        return QCoreApplication.translate("Age", "{0} hours ago").format(hours)
    if hours < 48:
        return QCoreApplication.translate("Age", "1 day ago")
    return QCoreApplication.translate("Age", "{0} days ago").format(hours // 24)


def absolute(created: datetime) -> str:
    """Date and time in the user's zone and format."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(created.timestamp())), QLocale.FormatType.LongFormat)
