"""Transmission, as a daemon."""
import json, os, re

from ..network import THEIRS
from ..setup import install_command
from .client import Client


class Transmission(Client):
    dials = False

    @classmethod
    def prepare(cls):
        install_command("transmission-daemon", "transmission-daemon")
        install_command("transmission-remote", "transmission-cli")

    def begin(self, torrent, source, seeds, encryption, peer=None):
        settings = {
            "bind-address-ipv4": THEIRS, "peer-port": self.port, "rpc-port": self.port + 1000,
            "rpc-bind-address": "127.0.0.1", "rpc-whitelist-enabled": False, "dht-enabled": False,
            "lpd-enabled": False, "utp-enabled": False, "port-forwarding-enabled": False,
            "peer-port-random-on-start": False, "encryption": {"off": 0, "rc4": 2}[encryption],
        }
        with open(os.path.join(self.folder, "settings.json"), "w") as out:
            json.dump(settings, out)
        self.spawn(["transmission-daemon", "-f", "-g", self.folder])
        self.wait(lambda: "VERSION" in self.remote("-si"), "up")
        self.remote("-a", source, "-w", self.save)

    def remote(self, *words):
        return self.run(["transmission-remote", f"127.0.0.1:{self.port + 1000}", *words])

    def ready(self):
        self.wait(lambda: re.search(r"100%.*(Idle|Seeding)", self.remote("-l")), "seeding")
