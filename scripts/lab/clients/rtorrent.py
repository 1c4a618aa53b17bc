"""rTorrent, as a daemon."""
import os, socket, time, xmlrpc.client

from ..network import THEIRS
from ..setup import install_command
from .client import Client


class Rtorrent(Client):
    # It forgets its peers with the metadata, and nobody is asked for others.
    dials_by_magnet = False

    @classmethod
    def prepare(cls):
        install_command("rtorrent", "rtorrent")

    def begin(self, torrent, source, seeds, encryption, peer=None):
        self.torrent = torrent
        self.socket = os.path.join(self.folder, "rpc")
        policy = {"off": "none", "rc4": "allow_incoming,try_outgoing,require,require_RC4"}
        os.makedirs(os.path.join(self.folder, "session"))
        lines = [f"network.bind_address.set = {THEIRS}",
                 f"network.port_range.set = {self.port}-{self.port}", "network.port_random.set = no",
                 f"network.scgi.open_local = {self.socket}", "network.xmlrpc.size_limit.set = 8M",
                 "dht.mode.set = disable", f"protocol.encryption.set = {policy[encryption]}",
                 f"directory.default.set = {self.save}",
                 f"session.path.set = {self.folder}/session", "system.daemon.set = true"]
        configuration = os.path.join(self.folder, "rc")
        with open(configuration, "w") as out:
            out.write("\n".join(lines) + "\n")
        self.spawn(["rtorrent", "-n", "-o", f"import={configuration}"])
        self.wait(lambda: os.path.exists(self.socket), "up")
        time.sleep(0.3)
        if source.startswith("magnet:"):
            self.call("load.start_verbose", "", source)
        else:
            with open(source, "rb") as file:
                self.call("load.raw_start_verbose", "", xmlrpc.client.Binary(file.read()))
        time.sleep(1)
        if peer:
            self.call("add_peer", torrent.hash.upper(), peer)

    def call(self, method, *words):
        body = xmlrpc.client.dumps(words, method).encode()
        head = b"CONTENT_LENGTH\0%d\0SCGI\x001\0" % len(body)
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(self.socket)
            connection.sendall(b"%d:%s,%s" % (len(head), head, body))
            reply = b""
            while data := connection.recv(65536):
                reply += data
        return xmlrpc.client.loads(reply.split(b"\r\n\r\n", 1)[1])[0][0]

    def ready(self):
        self.wait(lambda: self.call("d.complete", self.torrent.hash.upper()) == 1, "seeding")
        time.sleep(0.5)
