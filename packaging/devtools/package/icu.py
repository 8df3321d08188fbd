"""Reduces ICU's data to what Qt needs. This saves 28 of the 108 MB of the installed program.

The ICU in PySide6's wheels has calendars, currencies, transliterations and converters for every language, but Qt uses
its own data for nearly all of these. This keeps collation (file dialogs sort with it) and what ICU reads at start.
Names of time zones are kept in English only, because the program shows none. Compared in five languages: sorting,
upper and lower case, dates, currencies and domain names are the same as with all data.
"""

import re
from pathlib import Path

from devtools import system
from devtools.output import SetupError

from . import tools
from .project import WORK

_KEPT = re.compile(
    r"coll/.*|zone/(?:root|pool|en|tzdbNames)\.res"
    r"|(?:root|pool|res_index|supplementalData|likelySubtags|metadata|numberingSystems|plurals|icuver|icustd|en|en_US"
    r"|keyTypeData|genderList|timezoneTypes|zoneinfo64|windowsZones|metaZones)\.res"
    r"|cnvalias\.icu|nfkc\.nrm|nfkc_cf\.nrm"
)
_MAGIC = b"\xda\x27"
"""Marks ICU data (udata.h), after two bytes of length."""

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
    """Replace the ICU data library in a folder, if there is one. Raises SetupError."""
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
    kept = less / whole.name  # ICU finds items by the name of the file
    tools.run(["icupkg", "-r", str(work / "removed.txt"), str(whole), str(kept)])
    (work / "data.s").write_text(_SOURCE.format(symbol=symbol, data=kept), "utf-8")
    tools.run(["as", "-o", str(work / "data.o"), str(work / "data.s")])
    link = ["ld", "-shared", "--build-id=none", "-z", "noexecstack", "-soname", library.name]
    tools.run([*link, "-o", str(library), str(work / "data.o")])
    tools.run(["strip", str(library)])


def _data(library: Path) -> tuple[str, bytes]:
    """Return the symbol of the data, and the data."""
    symbols = tools.run(["readelf", "--wide", "--dyn-syms", str(library)])
    found = re.search(r"([0-9a-f]{16})\s+(\w+) OBJECT .* (icudt\d+_dat)$", symbols, re.MULTILINE)
    if not found:
        raise SetupError(f"{library.name} contains no ICU data.")
    start, size = int(found[1], 16), int(found[2], 0)
    data = library.read_bytes()[start : start + size]  # in this library, addresses are file offsets
    if data[2:4] != _MAGIC:
        raise SetupError(f"{library.name} has an unknown layout.")
    return found[3], data
