"""aria2."""
from ..network import THEIRS
from ..setup import install_command
from .client import Client


def command(address, port, folder, *more):
    """What runs it, on this address alone, without other ways to peers than a tracker."""
    return ["aria2c", "--no-conf", f"--listen-port={port}", "--enable-dht=false",
            "--enable-dht6=false", "--bt-enable-lpd=false", "--disable-ipv6=true",
            f"--dir={folder}", f"--interface={address}", "--file-allocation=none", *more]


class Aria2(Client):
    dials = False

    @classmethod
    def prepare(cls):
        install_command("aria2c", "aria2")

    def begin(self, torrent, source, seeds, encryption, peer=None):
        words = [f"--bt-external-ip={THEIRS}", "--seed-time=600", "--seed-ratio=0",
                 "--allow-overwrite=true", "--summary-interval=1"]
        if seeds:
            words += ["--bt-seed-unverified=true", "--check-integrity=true"]
        if encryption == "rc4":
            words += ["--bt-require-crypto=true", "--bt-min-crypto-level=arc4"]
        self.spawn(command(THEIRS, self.port, self.save, *words, source))

    def ready(self):
        self.wait(lambda: "SEED" in self.log(), "seeding")
