"""Torrents with content made for them, the same each time."""
import hashlib, os, random, shutil, subprocess as sp, urllib.parse

from .clients.libtorrent import PYTHON
from .network import THEIRS

# rTorrent refuses a torrent without any tracker; nobody listens there.
DEAD_TRACKER = f"http://{THEIRS}:1/announce"


def bencode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(bencode, value)) + b"e"
    items = sorted((k if isinstance(k, bytes) else k.encode(), v) for k, v in value.items())
    return b"d" + b"".join(bencode(k) + bencode(v) for k, v in items) + b"e"


class Torrent:
    """A v1 torrent made here, or one that libtorrent has made, below `folder`."""

    def __init__(self, folder, name, files, piece=65536, kind="v1", announce=DEAD_TRACKER):
        self.name, self.files, self.kind, self.announce = name, files, kind, announce
        self.data = os.path.join(folder, "data")
        self.file = os.path.join(folder, name + ".torrent")
        everything = b"".join(self.write(*file) for file in enumerate(files))
        if kind == "v1":
            self.make(everything, piece)
        else:
            self.make_with_libtorrent(piece)

    def write(self, number, file):
        path, size = file
        source = random.Random(f"{self.name}{number}")
        # It takes no more than 256 MiB at once.
        parts = (min(1 << 26, size - at) for at in range(0, size, 1 << 26))
        content = b"".join(source.randbytes(part) for part in parts)
        full = os.path.join(self.data, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(content)
        return content

    def make(self, everything, piece):
        info = {"name": self.name, "piece length": piece}
        pieces = [everything[at:at + piece] for at in range(0, len(everything), piece)]
        info["pieces"] = b"".join(hashlib.sha1(p).digest() for p in pieces)
        if len(self.files) == 1:
            info["name"], info["length"] = self.files[0]
        else:
            info["files"] = [{"length": n, "path": p.split("/")[1:]} for p, n in self.files]
        with open(self.file, "wb") as out:
            out.write(bencode({"announce": self.announce, "info": info}))
        self.hash = hashlib.sha1(bencode(info)).hexdigest()
        tracker = urllib.parse.quote(self.announce, safe="")
        self.magnet = f"magnet:?xt=urn:btih:{self.hash}&dn={self.name}&tr={tracker}"

    def make_with_libtorrent(self, piece):
        flags = {"v2": "lt.create_torrent.v2_only", "hybrid": "0"}[self.kind]
        code = f"""
import libtorrent as lt, sys
storage = lt.file_storage()
for path, size in {self.files!r}: storage.add_file(path, size)
torrent = lt.create_torrent(storage, {piece}, {flags})
lt.set_piece_hashes(torrent, {self.data!r})
open({self.file!r}, 'wb').write(lt.bencode(torrent.generate()))
print(lt.make_magnet_uri(lt.load_torrent_file({self.file!r})))
"""
        self.magnet = sp.run([PYTHON, "-W", "ignore", "-c", code], check=True,
                             stdout=sp.PIPE, text=True).stdout.strip()

    def place(self, target):
        for path, _ in self.files:
            full = os.path.join(target, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            shutil.copy(os.path.join(self.data, path), full)

    def differences(self, target):
        return [path for path, _ in self.files
                if not same(os.path.join(target, path), os.path.join(self.data, path))]


def same(one, other):
    if not os.path.exists(one) or os.path.getsize(one) != os.path.getsize(other):
        return False
    with open(one, "rb") as a, open(other, "rb") as b:
        return a.read() == b.read()
