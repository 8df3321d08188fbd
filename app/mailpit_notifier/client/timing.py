"""How long the client waits: all times of this package in one value, so that tests and `wait` can pass shorter ones."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times in seconds. The defaults are those of the tray application."""

    handshake: float = 10.0
    """From dialling to an open websocket. websocket-client has a timeout per read only, which is never reached while a
    server sends one byte at a time."""

    handshake_step: float = 10.0
    """For one read or write of the handshake."""

    ping_after: float = 9.0
    """Silence before a ping is sent. The server itself pings every 54 s, too late to notice a half-open connection."""

    dead_after: float = 25.0
    """Silence, the client's own pings included, after which the connection counts as dead. It is checked at each ping,
    so this is noticed after the third, at 27 s."""

    pong: float = 3.0
    """For the answer to a ping. Without one, the client polls beside the websocket until it hears something."""

    never_answered: float = 75.0
    """As `dead_after`, for a server that has never answered a ping while REST works: those of 2023 do not, and ping
    only every 54 s."""

    frame_late: float = 2.0
    """For the frame of a message that a poll has found. Without one, live updates do not get through."""

    slept: float = 5.0
    """Sleep of this machine after which a connection counts as dead: the server does not report it."""

    unlock: float = 5.0
    """To get the password before the status shows that it is missing. A store that takes longer waits for the user, or
    hangs; the session goes on waiting for it."""

    upgrade: float = 30.0
    """Between two attempts to get live updates while polling."""

    quiet: float = 1.0
    """Without `new` or `delete` before counts are compared: during a burst they never agree."""

    between_snapshots: float = 0.25
    """Pause after a snapshot, so that a storm of `prune` costs four snapshots a second, not thousands."""

    watching: float = 10.0
    """Between snapshots while the window is shown, for servers that send no `stats` (2023)."""

    polling: float = 3.0
    """Between requests where live updates are blocked. A message is then announced within five seconds."""

    first_retry: float = 1.0
    """Before the first retry. The delay doubles with each failure."""

    longest_retry: float = 60.0
    """Longest delay for a server on another machine."""

    longest_local_retry: float = 5.0
    """Longest delay for a server on this machine: these start and stop all day, and a request costs nothing."""

    late_retry: float = 60.0
    """Delay after a fault that only the user can change (`Retry.LATE`)."""

    steady: float = 10.0
    """A connection that lasted longer resets the back-off."""

    io: float = 10.0
    """For one read or write of a REST call. `call` limits the call as a whole."""

    call: float = 12.0
    """For one REST call, DNS lookup included. A thread that takes longer is abandoned."""

    queue: float = 36.0
    """Until a queued call starts: as long as three slow calls. If it takes longer, a cancelled call hangs in the
    thread."""

    idle: float = 30.0
    """A kept connection that was unused for longer is replaced. A router, a VPN or a sleeping machine drops connections
    without notice, and a request on such a connection is never answered."""

    answer: float = 4.0
    """Until an answer over a kept connection begins, in addition to the time of the last answer. Then the call is
    repeated over a new connection, within the time of `call`."""

    tls_check: float = 1.0
    """For a TLS handshake with a port that did not answer a plain request: does it require https?"""

    probe: float = 12.0
    """For a websocket to open in a connection test."""


TIMING = Timing()
