"""The macOS application in a zip file. Signing needs a Developer ID; see packaging/macos/SIGNING.md."""

import os
import platform
from pathlib import Path

from . import tools, tree
from .frozen import Frozen
from .project import DIST, NAME, PACKAGING, TITLE, version


def build(frozen: Frozen) -> Path:
    """Build it. Raises SetupError.

    MACOS_IDENTITY names a Developer ID in the keychain. Without it, the signature is valid on this machine only.
    """
    application = frozen.folder.parent / f"{TITLE}.app"
    tree.licences(application / "Contents/Resources/licences")
    sign = ["codesign", "--force", "--deep", "--options", "runtime", "--timestamp"]
    identity = os.environ.get("MACOS_IDENTITY", "")
    if not identity:
        sign = ["codesign", "--force", "--deep"]
    entitlements = ["--entitlements", str(PACKAGING / "macos/entitlements.plist")]
    tools.run([*sign, *entitlements, "--sign", identity or "-", str(application)])
    target = DIST / f"{NAME}-{version()}-macos-{platform.machine()}.zip"
    tools.run(["ditto", "-c", "-k", "--keepParent", str(application), str(target)])
    return target
