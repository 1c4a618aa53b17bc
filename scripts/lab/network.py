"""A network of its own for a script: it runs itself again inside (see `inside`), so
that what it starts there ends with it."""
import os, signal, subprocess as sp, sys

# Addresses of the two ends of every conversation, both on the loopback interface:
# clients refuse those of 127.0.0.0/8.
OURS, THEIRS = "10.99.0.1", "10.99.0.2"
INSIDE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside")
ENTERED = "PEERSCOPE_LAB"


def is_entered():
    """Whether this is the run inside: there, nothing can be fetched."""
    return ENTERED in os.environ


def enter(preparations=()):
    """Goes inside, after what has to be fetched was: of `preparations`, each of which
    may fail, as it does then inside again. The script runs there from its beginning."""
    if is_entered():
        return
    for prepare in preparations:
        try:
            prepare()
        except Exception:  # it says so where it is needed
            pass
    command = [INSIDE, f"{OURS},{THEIRS}", sys.executable, *sys.argv]
    inside = sp.Popen(command, env=dict(os.environ, **{ENTERED: "1"}))
    # The first process of a namespace is deaf to it; all that is inside goes with it.
    signal.signal(signal.SIGTERM, lambda *_: inside.kill())
    while True:
        try:
            sys.exit(inside.wait())
        except KeyboardInterrupt:
            pass  # which the script inside hears too, and cleans up
