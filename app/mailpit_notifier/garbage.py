"""Cyclic garbage is collected on the loop, when it is about to sleep.

Left to itself, Python collects in whichever thread happens to allocate, and a Qt object that is taken down outside Qt's
own thread crashes the process. It also keeps the pauses out of what people wait for.
"""

import gc

from PySide6.QtCore import QAbstractEventDispatcher


def collect_on_loop() -> None:
    """From now on; to be called in Qt's thread."""
    gc.disable()
    QAbstractEventDispatcher.instance().aboutToBlock.connect(collect_some)


def collect_some() -> None:
    """Collect as much as Python would by now."""
    full = [count > limit for count, limit in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(full):
        gc.collect(max(generation for generation, is_full in enumerate(full) if is_full))
