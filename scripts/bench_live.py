"""The part of scripts/bench-live that runs inside the network namespace."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import libtorrent

ENDS = ["10.99.0.1", "10.99.0.2"]
PORT = 6881
QUIET = {"enable_dht": False, "enable_lsd": False, "enable_upnp": False,
         "enable_natpmp": False, "enable_outgoing_utp": False,
         "enable_incoming_utp": False, "in_enc_policy": 2, "out_enc_policy": 2}


def listeners(folder):
    """Name, command, and what their count of dropped packets looks like."""
    port = f"port {PORT}"
    return {
        "peerscope live --json": (
            [os.environ["PEERSCOPE"], "live", "-i", "lo", "-p", str(PORT), "--json"],
            r"(\d+) dropped by kernel"),
        "tcpdump -w": (
            ["tcpdump", "-i", "lo", "-Z", "root", "-w", f"{folder}/tcpdump.pcap", port],
            r"(\d+) packets? dropped by kernel"),
        "tcpdump -B 65536 -w": (
            ["tcpdump", "-i", "lo", "-B", "65536", "-Z", "root",
             "-w", f"{folder}/tcpdump.pcap", port],
            r"(\d+) packets? dropped by kernel"),
        "tshark -i": (
            ["tshark", "-i", "lo", "-f", port],
            r"(\d+) packets? dropped"),
    }


class Listener:
    """A program that listens, from when it is ready until it is stopped."""

    def __init__(self, name, command, pattern, folder):
        self.name, self.pattern = name, pattern
        self.said = open(f"{folder}/{name}.err", "w+", encoding="utf-8")
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=self.said)
        ready = time.monotonic() + 30
        while not re.search("listening on|Capturing on", self.text()):
            if time.monotonic() > ready or self.process.poll() is not None:
                raise SystemExit(f"{name} does not listen: {self.text()}")
            time.sleep(0.05)
        # tshark says so before its helper does listen.
        time.sleep(1)

    def text(self):
        self.said.seek(0)
        return self.said.read()

    def stop(self):
        """CPU seconds, resident MiB, the packets that the kernel dropped, and what
        was heard."""
        # What is in the kernel's buffer is still to be read.
        idle, before = 0, None
        while idle < 5:
            time.sleep(0.2)
            now = cpu_ticks(self.process.pid)
            idle = idle + 1 if now == before else 0
            before = now
        resident = high_water(self.process.pid) // 1024
        self.process.send_signal(signal.SIGINT)
        _, _, usage = os.wait4(self.process.pid, 0)
        dropped = re.search(self.pattern, self.text())
        dropped = int(dropped.group(1)) if dropped else 0
        heard = ", ".join(re.findall(r"^\d+ (?:messages|packets captured)", self.text(), re.M))
        return usage.ru_utime + usage.ru_stime, resident, dropped, heard


def high_water(pid):
    """The most memory that was ever resident, in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(next(line for line in status if line.startswith("VmHWM")).split()[1])


def cpu_ticks(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        return stat.read().rsplit(")", 1)[1].split()[11:13]


def make(folder, mebibytes):
    """The content and its torrent."""
    os.makedirs(f"{folder}/seed")
    path = f"{folder}/seed/content"
    piece = os.urandom(1 << 20)
    with open(path, "wb") as content:
        for number in range(mebibytes):
            content.write(number.to_bytes(8, "big") + piece[8:])
    storage = libtorrent.file_storage()
    libtorrent.add_files(storage, path)
    torrent = libtorrent.create_torrent(storage, 1 << 20, libtorrent.create_torrent.v1_only)
    libtorrent.set_piece_hashes(torrent, f"{folder}/seed")
    return libtorrent.torrent_info(torrent.generate())


def peer(info, address, port, folder, seeds):
    """A client in a process of its own: seeds, or downloads and exits."""
    child = os.fork()
    if child:
        return child
    session = libtorrent.session({"listen_interfaces": f"{address}:{port}",
                                  "outgoing_interfaces": address, **QUIET})
    options = libtorrent.add_torrent_params()
    options.ti, options.save_path = info, folder
    if seeds:
        options.flags |= libtorrent.torrent_flags.seed_mode
    handle = session.add_torrent(options)
    if not seeds:
        handle.connect_peer((ENDS[0], PORT))
    while seeds or not handle.status().is_seeding:
        time.sleep(0.02)
    os._exit(0)


def transfer(info, folder):
    """Seconds that the transfer takes."""
    seeder = peer(info, ENDS[0], PORT, f"{folder}/seed", True)
    time.sleep(1)
    began = time.monotonic()
    leecher = peer(info, ENDS[1], PORT + 1, f"{folder}/leech", False)
    os.waitpid(leecher, 0)
    took = time.monotonic() - began
    os.kill(seeder, signal.SIGKILL)
    os.waitpid(seeder, 0)
    shutil.rmtree(f"{folder}/leech")
    return took


def measure(names, info, folder):
    known = listeners(folder)
    running = [Listener(name, *known[name], folder) for name in names]
    took = transfer(info, folder)
    together = " + ".join(name.split()[0] for name in names) or "nobody"
    print(f"{together}: transfer {took:.2f} s")
    for listener in running:
        cpu, resident, dropped, heard = listener.stop()
        print(f"  {listener.name:24} dropped {dropped:8}  CPU {cpu:6.2f} s  resident {resident:4} MiB  {heard}",
              flush=True)


def main():
    mebibytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1024
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for end in ENDS:
        subprocess.run(["ip", "addr", "add", f"{end}/24", "dev", "lo"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        info = make(folder, mebibytes)
        names = list(listeners(folder))
        for run in range(runs):
            print(f"run {run + 1}: {mebibytes} MiB")
            measure([], info, folder)
            for name in names:
                measure([name], info, folder)
            measure(names[:2], info, folder)
            measure([names[0], names[1], names[3]], info, folder)


main()
