"""The part of scripts/soak-live that runs inside the network namespace."""

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

ADDRESS = ("10.99.0.1", 6881)
# Of so many connections, one is left open and silent for as long as so many
# others do not follow it.
LEFT_OPEN = 100
FORGOTTEN = 100
# Time between two lines of the report, in seconds.
REPORT = 30


def handshake(info_hash, who):
    return b"\x13BitTorrent protocol" + bytes(8) + info_hash + who


def message(kind, body=b""):
    return struct.pack(">IB", 1 + len(body), kind) + body


def exchange(one, other, data):
    one.sendall(data)
    left = len(data)
    while left:
        left -= len(other.recv(left))


def talk(listener, number):
    """One short connection between two peers of a torrent of its own."""
    leecher = socket.create_connection(ADDRESS, source_address=("10.99.0.2", 0))
    seeder, _ = listener.accept()
    for end in (leecher, seeder):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    info_hash = random.Random(number).randbytes(20)
    exchange(leecher, seeder, handshake(info_hash, b"-TR3000-" + os.urandom(12)))
    exchange(seeder, leecher, handshake(info_hash, b"-qB4520-" + os.urandom(12)))
    exchange(seeder, leecher, message(5, os.urandom(40)) + message(1))
    exchange(leecher, seeder, message(2))
    for piece in range(number % 8):
        exchange(leecher, seeder, message(6, struct.pack(">III", piece, 0, 1024)))
        exchange(seeder, leecher, message(7, struct.pack(">II", piece, 0) + os.urandom(1024)))
    if number % LEFT_OPEN == 0:
        return [leecher, seeder]
    if number % 3 == 0:
        # Reset instead of closed.
        leecher.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    leecher.close()
    seeder.close()
    return []


def ask(number):
    """A query of the DHT, from a port of its own, that nobody answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as node:
        node.bind(("10.99.0.2", 0))
        key = random.Random(number).randbytes(20)
        query = b"d1:ad2:id20:" + key + b"e1:q4:ping1:t4:" + struct.pack(">I", number) + b"1:y1:qe"
        node.sendto(query, ADDRESS)


def resident(pid):
    """Resident memory in KiB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1])


def main():
    seconds = 60 * float(sys.argv[1] if len(sys.argv) > 1 else 10)
    for command in ["link set lo up", "addr add 10.99.0.1/24 dev lo", "addr add 10.99.0.2/24 dev lo"]:
        subprocess.run(["ip", *command.split()], check=True)
    with tempfile.TemporaryFile("w+") as said:
        command = [os.environ["PEERSCOPE"], "live", "-i", "lo", "-p", "6881", "--json"]
        sniffer = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        time.sleep(1)
        listener = socket.create_server(ADDRESS)
        # Its answers would be refusals of ICMP.
        nobody = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        nobody.bind(ADDRESS)
        nobody.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        began, number, shown, kept = time.monotonic(), 0, 0, []
        while (passed := time.monotonic() - began) < seconds:
            kept += talk(listener, number)
            while len(kept) > 2 * FORGOTTEN:
                kept.pop(0).close()
            ask(number)
            number += 1
            if passed >= shown:
                print(f"{passed:6.0f} s  {number:8} connections  {resident(sniffer.pid):8} KiB resident",
                      flush=True)
                shown += REPORT
            # A hundred a second.
            time.sleep(max(0, began + number / 100 - time.monotonic()))
        time.sleep(1)
        print(f"{seconds:6.0f} s  {number:8} connections  {resident(sniffer.pid):8} KiB resident")
        sniffer.send_signal(signal.SIGINT)
        sniffer.wait()
        said.seek(0)
        print("".join(said.read().splitlines(keepends=True)[-3:]), end="")


main()
