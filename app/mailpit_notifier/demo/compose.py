"""Makes mails: from the JSON of `POST api/v1/send`."""

import base64
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any


def composed(fields: dict[str, Any]) -> tuple[str, list[str], bytes]:
    """Sender, envelope recipients and source. Raises an error that says what is wrong with the fields."""
    mail = EmailMessage(policy=SMTP)
    sender = fields["From"]
    mail["From"] = _address(sender, "From")
    recipients = []
    for name, header in (("To", "To"), ("Cc", "Cc"), ("ReplyTo", "Reply-To")):
        people = fields.get(name) or []
        if people:
            mail[header] = [_address(person, header) for person in people]
        if name != "ReplyTo":
            recipients += [person["Email"] for person in people]
    mail["Subject"] = fields.get("Subject", "")
    if tags := fields.get("Tags"):
        mail["X-Tags"] = ", ".join(tags)
    for name, value in (fields.get("Headers") or {}).items():
        mail[name] = value
    mail.set_content(fields.get("Text", ""))
    if fields.get("HTML"):
        mail.add_alternative(fields["HTML"], subtype="html")
    for file in fields.get("Attachments") or []:
        _attach(mail, file)
    return sender["Email"], recipients + list(fields.get("Bcc") or []), mail.as_bytes()


def _address(person: dict[str, str], header: str) -> Address:
    if "@" not in person["Email"]:
        raise ValueError(f"invalid {header} address: {person['Email']}")
    return Address(display_name=person.get("Name", ""), addr_spec=person["Email"])


def _attach(mail: EmailMessage, file: dict[str, str]) -> None:
    content = base64.b64decode(file["Content"].rpartition(",")[2])
    maintype, _, subtype = (file.get("ContentType") or "application/octet-stream").partition("/")
    mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=file["Filename"])
