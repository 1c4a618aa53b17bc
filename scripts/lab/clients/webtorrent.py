"""WebTorrent, on Node.js."""
import json, os, shutil, subprocess as sp, time

from ..setup import LAB, PEERS, NotRun, install_command, is_entered
from .client import Client

PEER = os.path.join(PEERS, "on_webtorrent.mjs")

# WebRTC wants a binary that the package does not carry; TCP does without.
NO_WEBRTC = "".join(f"export const {name} = undefined\n" for name in
                    ("RTCPeerConnection", "RTCSessionDescription", "RTCIceCandidate")) + \
    "export default {}\n"


class Webtorrent(Client):
    # Its encryption does not work in this version, against nobody.
    encryptions = ("off",)
    version, overrides = "2.8.5", {"uint8-util": "2.2.5"}

    @classmethod
    def folder_of_packages(cls):
        return os.path.join(LAB, "webtorrent-" + cls.version)

    @classmethod
    def prepare(cls):
        folder = cls.folder_of_packages()
        install_command("node", "nodejs")
        install_command("npm", "npm")
        if not os.path.exists(os.path.join(folder, "ok")):
            if is_entered():
                raise NotRun("webtorrent cannot be installed")
            cls.install(folder)
        shutil.copy(PEER, os.path.join(folder, "peer.mjs"))

    @classmethod
    def install(cls, folder):
        os.makedirs(folder, exist_ok=True)
        package = {"type": "module", "private": True, "overrides": cls.overrides,
                   "dependencies": {"webtorrent": cls.version}}
        with open(os.path.join(folder, "package.json"), "w") as out:
            json.dump(package, out)
        done = sp.run(["npm", "install", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"],
                      cwd=folder, stdout=sp.DEVNULL, stderr=sp.DEVNULL, timeout=300)
        if done.returncode:
            raise NotRun("webtorrent cannot be installed")
        polyfill = os.path.join(folder, "node_modules", "webrtc-polyfill", "index.js")
        if os.path.exists(polyfill):
            with open(polyfill, "w") as out:
                out.write(NO_WEBRTC)
        open(os.path.join(folder, "ok"), "w").close()

    def begin(self, torrent, source, seeds, encryption, peer=None):
        program = os.path.join(self.folder_of_packages(), "peer.mjs")
        self.spawn(["node", program, source, self.save, str(self.port), str(seeds),
                    str(encryption == "rc4"), peer or ""])

    def ready(self):
        self.wait(lambda: "ready" in self.log(), "ready")
        time.sleep(0.3)


class Webtorrent1(Webtorrent):
    """The last version whose encryption works."""

    encryptions = ("rc4",)
    version, overrides = "1.9.7", {}
