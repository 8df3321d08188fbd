"""The steps of a campaign, drawn from a seed: the same seed gives the same steps. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """A kind of step. The unit of `amount` is given here: messages, seconds, or a share."""

    BURST = "burst"  # messages at full rate, while the next steps go on
    TRICKLE = "trickle"  # messages, one after the other
    PAUSE = "pause"  # seconds

    CUT = "cut"
    HALF_OPEN = "half-open"
    SLOW = "slow network"
    STALL = "stall"
    REFUSE = "refuse"
    BAD_GATEWAY = "502"
    NO_UPGRADE = "upgrade refused"
    TRUNCATE_FRAMES = "truncated frames"
    LARGE_LISTING = "listing too large"  # or no listing at all, until the network is well
    PASS = "network well"
    RESTART_SERVER = "server restart"
    CRASH_SERVER = "server crash"
    FORGET = "server forgot"  # restart without the database
    STOP_SERVER = "server stop"  # until the next start
    START_SERVER = "server start"
    KILL = "kill -9"
    QUIT = "quit"
    START = "start"
    SLOW_DESKTOP = "slow desktop"
    FAST_DESKTOP = "fast desktop"
    FULL_DISK = "disk full"  # for the journal, until there is room again
    ROOM = "room on the disk"
    CLOCK = "clock jump"  # seconds that the server's clock differs from ours from now on
    WAKE = "wake-up"
    RELOAD = "other settings"

    READ = "read"  # share of the messages
    READ_ALL = "read all"
    DELETE = "delete"  # share of the messages
    DELETE_FOUND = "delete by search"
    DELETE_ALL = "delete all"


TRAFFIC = {Kind.BURST, Kind.TRICKLE, Kind.PAUSE}
REPAIRS = {Kind.PASS, Kind.START_SERVER, Kind.START, Kind.FAST_DESKTOP, Kind.ROOM}

WEIGHTS = {
    Kind.CUT: 4,
    Kind.HALF_OPEN: 3,
    Kind.SLOW: 2,
    Kind.STALL: 2,
    Kind.REFUSE: 1,
    Kind.BAD_GATEWAY: 1,
    Kind.NO_UPGRADE: 2,
    Kind.TRUNCATE_FRAMES: 2,
    Kind.LARGE_LISTING: 2,
    Kind.PASS: 4,
    Kind.RESTART_SERVER: 2,
    Kind.CRASH_SERVER: 1,
    Kind.FORGET: 2,
    Kind.STOP_SERVER: 1,
    Kind.KILL: 3,
    Kind.QUIT: 2,
    Kind.START: 3,
    Kind.SLOW_DESKTOP: 2,
    Kind.FAST_DESKTOP: 1,
    Kind.FULL_DISK: 2,
    Kind.ROOM: 1,
    Kind.CLOCK: 1,
    Kind.WAKE: 1,
    Kind.RELOAD: 1,
    Kind.READ: 1,
    Kind.READ_ALL: 1,
    Kind.DELETE: 2,
    Kind.DELETE_FOUND: 1,
    Kind.DELETE_ALL: 1,
}

CLOCKS = (-300.0, 0.0, 300.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step."""

    kind: Kind
    amount: float = 0

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault."""
        return self.kind not in TRAFFIC | REPAIRS


def phases(seed: int) -> Iterator[tuple[Step, ...]]:
    """Yield phases of steps without end. After each phase everything is repaired and checked."""
    dice = random.Random(seed)
    while True:
        yield tuple(step for _ in range(dice.randint(2, 6)) for step in (_traffic(dice), _pause(dice), _event(dice)))


def _traffic(dice: random.Random) -> Step:
    if dice.random() < 0.5:
        return Step(kind=Kind.TRICKLE, amount=dice.randint(1, 8))
    return Step(kind=Kind.BURST, amount=dice.choice((2, 10, 30, 80, 150)))


def _pause(dice: random.Random) -> Step:
    return Step(kind=Kind.PAUSE, amount=dice.choice((0, 0, 0.02, 0.1, 0.3, 1.0)))


def _event(dice: random.Random) -> Step:
    kind = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    amount = dice.choice(CLOCKS) if kind is Kind.CLOCK else dice.choice((0.1, 0.5, 1.0))
    return Step(kind=kind, amount=amount)
