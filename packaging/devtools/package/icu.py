"""Cuts the data of ICU down to what Qt needs of it: 24 of the 112 MB that the program would take otherwise.

Qt's own library of it holds calendars, currencies, transliterations and converters for every language, and Qt has its
own of nearly all. Left are collation (Qt sorts by it), the names of time zones, and what every start of ICU reads.
Compared in five languages: sorting, cases, dates with their zones, currencies and domain names are as with all of it.
"""

import re
from pathlib import Path

from devtools import system
from devtools.words import SetupError

from . import tools
from .project import WORK

_KEPT = re.compile(
    r"coll/.*|zone/.*|(?:root|pool|res_index|supplementalData|likelySubtags|metadata|numberingSystems|plurals|icuver|icustd|en"
    r"|en_US|keyTypeData|genderList|timezoneTypes|zoneinfo64|windowsZones|metaZones)\.res"
    r"|cnvalias\.icu|unames\.icu|nfkc\.nrm|nfkc_cf\.nrm"
)
_MAGIC = b"\xda\x27"
"""Of ICU's data (udata.h), behind two bytes of length."""

_SOURCE = """\
.section .rodata
.globl {symbol}
.type {symbol}, @object
.balign 16
{symbol}: .incbin "{data}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack, "", @progbits
"""


def trim(folder: Path) -> None:
    """Replace the library of ICU's data in a folder, if there is one. Raises SetupError."""
    for library in folder.glob("libicudata.so.*"):
        system.provide({"icupkg": "icu-devtools", "as": "binutils", "ld": "binutils"})
        _trim(library)


def _trim(library: Path) -> None:
    work = WORK / "icu"
    work.mkdir(parents=True, exist_ok=True)
    symbol, data = _data(library)
    whole, less = work / f"{symbol.removesuffix('_dat')}l.dat", work / "less"
    whole.write_bytes(data)
    items = tools.run(["icupkg", "-l", str(whole)]).split()
    (work / "removed.txt").write_text("\n".join(item for item in items if not _KEPT.fullmatch(item)), "utf-8")
    less.mkdir(exist_ok=True)
    kept = less / whole.name  # ICU looks for its items under the name of the file
    tools.run(["icupkg", "-r", str(work / "removed.txt"), str(whole), str(kept)])
    (work / "data.s").write_text(_SOURCE.format(symbol=symbol, data=kept), "utf-8")
    tools.run(["as", "-o", str(work / "data.o"), str(work / "data.s")])
    link = ["ld", "-shared", "--build-id=none", "-z", "noexecstack", "-soname", library.name]
    tools.run([*link, "-o", str(library), str(work / "data.o")])
    tools.run(["strip", str(library)])


def _data(library: Path) -> tuple[str, bytes]:
    """The symbol under which the data stands, and the data."""
    told = tools.run(["readelf", "--wide", "--dyn-syms", str(library)])
    found = re.search(r"([0-9a-f]{16})\s+(\w+) OBJECT .* (icudt\d+_dat)$", told, re.MULTILINE)
    if not found:
        raise SetupError(f"{library.name} holds no data of ICU.")
    start, size = int(found[1], 16), int(found[2], 0)
    data = library.read_bytes()[start : start + size]  # in this library a place in memory is one in the file
    if data[2:4] != _MAGIC:
        raise SetupError(f"{library.name} is laid out in another way than was known.")
    return found[3], data
