"""qBittorrent, without a screen."""
import json, os

from ..network import THEIRS
from ..setup import install_command
from .client import Client


class Qbittorrent(Client):
    @classmethod
    def prepare(cls):
        install_command("qbittorrent-nox", "qbittorrent-nox")
        install_command("curl", "curl")

    def begin(self, torrent, source, seeds, encryption, peer=None):
        folder = os.path.join(self.folder, "qBittorrent", "config")
        os.makedirs(folder)
        self.web = f"http://127.0.0.1:{self.port + 1000}/api/v2"
        lines = ["[LegalNotice]", "Accepted=true", "[Preferences]",
                 f"WebUI\\Port={self.port + 1000}", "WebUI\\Address=127.0.0.1",
                 "WebUI\\LocalHostAuth=false", "WebUI\\CSRFProtection=false",
                 "WebUI\\HostHeaderValidation=false", "[Network]", "PortForwardingEnabled=false",
                 "[BitTorrent]", f"Session\\Port={self.port}", "Session\\DHTEnabled=false",
                 "Session\\LSDEnabled=false", "Session\\BTProtocol=TCP",
                 f"Session\\InterfaceAddress={THEIRS}", "Session\\QueueingSystemEnabled=false",
                 f"Session\\Encryption={dict(off=2, rc4=1)[encryption]}"]
        with open(os.path.join(folder, "qBittorrent.conf"), "w") as out:
            out.write("\n".join(lines) + "\n")
        self.spawn(["qbittorrent-nox", f"--profile={self.folder}"])
        self.wait(lambda: self.call("/app/version").startswith("v"), "up")
        link = source.startswith("magnet:")
        words = ["-F", f"urls={source}" if link else f"torrents=@{source}"]
        if seeds:
            words += ["-F", "skip_checking=true"]
        self.call("/torrents/add", "-F", f"savepath={self.save}", "-F", "paused=false", *words)
        if peer:
            self.wait(lambda: self.status(), "fetching")
            self.call("/torrents/addPeers", "-d", f"hashes={torrent.hash}",
                      "--data-urlencode", f"peers={peer}")

    def call(self, path, *words):
        return self.run(["curl", "-s", "-m", "10", *words, self.web + path])

    def status(self):
        try:
            return json.loads(self.call("/torrents/info"))[0]
        except (ValueError, IndexError):
            return {}

    def ready(self):
        self.wait(lambda: self.status().get("progress") == 1, "seeding")
