"""How a command of the user's is started. Apart because the command line starts some, and so do rules."""

from collections.abc import Sequence


def runnable(command: Sequence[str]) -> Sequence[str]:
    """The command with its program's path where there is one: Windows itself finds no .cmd, such as npx and npm."""
    import shutil  # not at every start of ours

    return [shutil.which(command[0]) or command[0], *command[1:]]
