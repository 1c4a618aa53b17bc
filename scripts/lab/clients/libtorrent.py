"""libtorrent (Rasterbar), in a Python of its own."""
import importlib.util, os, subprocess as sp, sys, time

from ..network import THEIRS
from ..setup import LAB, PEERS, NotRun, install, is_entered
from .client import Client

VENV = os.path.join(LAB, "venv")
PYTHON = os.path.join(VENV, "bin", "python")
PEER = os.path.join(PEERS, "on_libtorrent.py")


def command(*words):
    """What runs a peer; `words` are those of on_libtorrent.py."""
    return [PYTHON, "-W", "ignore", PEER, *words]


class Libtorrent(Client):
    encryptions = ("off", "rc4", "plaintext")

    @classmethod
    def prepare(cls):
        have = [PYTHON, "-W", "ignore", "-c", "import libtorrent"]
        try:
            if not is_entered():
                if not os.path.exists(PYTHON):
                    install("python3-venv", lambda: importlib.util.find_spec("ensurepip"))
                    sp.run([sys.executable, "-m", "venv", VENV], stdout=sp.DEVNULL, stderr=sp.DEVNULL)
                if sp.run(have, stderr=sp.DEVNULL).returncode:
                    sp.run([PYTHON, "-m", "pip", "-q", "install", "libtorrent"], stderr=sp.DEVNULL)
            if sp.run(have, stderr=sp.DEVNULL).returncode == 0:
                return
        except FileNotFoundError:
            pass
        raise NotRun("the Python package libtorrent cannot be installed")

    def begin(self, torrent, source, seeds, encryption, peer=None):
        words = [source, self.save, f"{THEIRS}:{self.port}", "--encryption", encryption]
        words += ["--seed"] if seeds else []
        words += ["--peer", peer] if peer else []
        self.spawn(command(*words))

    def ready(self):
        self.wait(lambda: "ready" in self.log(), "ready")
        time.sleep(0.3)
