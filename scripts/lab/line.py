"""A line: carries what comes in at one address to another, so many seconds later and
so many megabytes a second.

    line.py HERE THERE SECONDS MEGABYTES
"""
import queue, socket, sys, threading, time

# A late start is made good, up to so many seconds of it.
CATCH_UP = 0.005
# Deep enough for what is on its way.
CHUNKS_UNDER_WAY = 4000


def address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


here, there = map(address, sys.argv[1:3])
delay, rate = float(sys.argv[3]), float(sys.argv[4]) * 1e6


def write(out, carried):
    free = 0
    while True:
        came, data = carried.get()
        wait = max(came + delay, free) - time.time()
        if wait > 0:
            time.sleep(wait)
        free = max(free, time.time() - CATCH_UP) + len(data) / rate
        if not data:
            return out.shutdown(socket.SHUT_WR)
        out.sendall(data)


def carry(into, out):
    carried = queue.Queue(CHUNKS_UNDER_WAY)
    threading.Thread(target=write, args=(out, carried), daemon=True).start()
    data = b"-"
    while data:
        try:
            data = into.recv(65536)
        except OSError:
            data = b""
        carried.put((time.time(), data))


server = socket.create_server(here)
print("ready", flush=True)
while True:
    ours, _ = server.accept()
    theirs = socket.create_connection(there)
    for end in (ours, theirs):
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=carry, args=(ours, theirs), daemon=True).start()
    threading.Thread(target=carry, args=(theirs, ours), daemon=True).start()
