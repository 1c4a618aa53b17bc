"""A network of its own for a script: it runs itself again inside (see `inside`), so
that what it starts there ends with it."""
import os, signal, subprocess as sp, sys

from .setup import ENTERED, NotRun, install_command, is_entered

# Addresses of the two ends of every conversation, both on the loopback interface:
# clients refuse those of 127.0.0.0/8.
OURS, THEIRS = "10.99.0.1", "10.99.0.2"
INSIDE = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "inside"), f"{OURS},{THEIRS}"]


def try_out():
    """Raises NotRun where there can be no network of its own."""
    install_command("ip", "iproute2")
    tried = sp.run([*INSIDE, "true"], stdin=sp.DEVNULL, stdout=sp.DEVNULL, stderr=sp.PIPE, text=True)
    if tried.returncode:
        raise NotRun(f"no network of its own here ({tried.stderr.strip()})")


def enter(preparations):
    """Runs the script again inside. `preparations` fetch what is needed before; one that
    fails here fails again inside, where it is reported. Raises NotRun where there can be
    no inside."""
    if is_entered():
        return
    try_out()
    for prepare in preparations:
        try:
            prepare()
        except Exception:  # it says so where it is needed
            pass
    inside = sp.Popen([*INSIDE, sys.executable, *sys.argv], env=dict(os.environ, **{ENTERED: "1"}))
    # The first process of a namespace is deaf to it; all that is inside goes with it.
    signal.signal(signal.SIGTERM, lambda *_: inside.kill())
    while True:
        try:
            sys.exit(inside.wait())
        except KeyboardInterrupt:
            pass  # which the script inside hears too, and cleans up


def enter_with_all(preparations):
    """Like `enter`, for a script that is of no use unless all of them succeed: it ends
    and says why."""
    try:
        enter(preparations)
        for prepare in preparations:
            prepare()
    except NotRun as reason:
        sys.exit(f"not run: {reason}")
