"""Where things are, and what has to be there before."""
import os, shutil, subprocess as sp, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# What is installed here for all scripts, and kept.
LAB = os.path.join(ROOT, "target", "lab")
# Programs that are peers, made of a library each.
PEERS = os.path.join(ROOT, "scripts", "lab", "peers")
SUDO = [] if os.geteuid() == 0 else ["sudo"]
# Set for what runs inside a network of the lab's.
ENTERED = "PEERSCOPE_LAB"


class NotRun(Exception):
    """The client, this use of it, or a network for it is not to be had here."""


def is_entered():
    """Whether this is the run inside: there, nothing can be fetched."""
    return ENTERED in os.environ


def install(package, is_there):
    """Installs a Debian package unless `is_there` says that it is not needed."""
    if is_there():
        return
    if not is_entered():
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        commands = (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", package])
        try:
            for words in commands:
                sp.run(SUDO + ["apt-get"] + words, env=environment, stdin=sp.DEVNULL,
                       stdout=sp.DEVNULL, stderr=sp.DEVNULL, timeout=600)
        except FileNotFoundError:
            pass
    if not is_there():
        raise NotRun(f"{package} cannot be installed")


def install_command(command, package):
    install(package, lambda: shutil.which(command))


def peerscope(profile, *more, live=False):
    """The program: that of $PEERSCOPE, else one that is built, where it was not yet. Ends
    the script if the program is to capture (`live`) and has no libpcap for it."""
    path = os.environ.get("PEERSCOPE")
    if path:
        return path
    if not is_entered():
        prepare = os.path.join(ROOT, "scripts", "prepare")
        features = sp.run([prepare], stdout=sp.PIPE, text=True, check=True).stdout.split()
        if live and features:
            print("no libpcap, no live capture", file=sys.stderr)
            sys.exit(2)
        command = ["cargo", "build", "--quiet", *features, "--features", "active", *more]
        sp.run(command + (["--release"] if profile == "release" else []), cwd=ROOT, check=True)
    # A relative one is relative to where cargo runs.
    target = os.path.join(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
    return os.path.join(target, profile, "peerscope")
