"""A peer made of libtorrent: seeds, or downloads and says so. Dials what it is given,
and each address that comes on standard input."""
import argparse, os, sys, threading

import libtorrent as lt

# Of a peer whose transfer is to last.
SLOW_BYTES_PER_SECOND = 16_000_000

parser = argparse.ArgumentParser()
parser.add_argument("source", help=".torrent or magnet link")
parser.add_argument("save")
parser.add_argument("listen", help="address:port")
parser.add_argument("--seed", action="store_true")
parser.add_argument("--peer", help="address:port")
parser.add_argument("--encryption", choices=("off", "rc4", "plaintext"), default="off")
parser.add_argument("--utp", action="store_true", help="no TCP")
parser.add_argument("--slow", action="store_true")
parser.add_argument("--exit", action="store_true", help="end when the download is complete")
options = parser.parse_args()

POLICIES = {
    "off": dict(out_enc_policy=2, in_enc_policy=2),
    "rc4": dict(out_enc_policy=0, in_enc_policy=0, allowed_enc_level=2, prefer_rc4=True),
    "plaintext": dict(out_enc_policy=0, in_enc_policy=0, allowed_enc_level=1),
}
settings = dict(
    enable_upnp=False, enable_natpmp=False, enable_lsd=False, enable_dht=False,
    dht_bootstrap_nodes="", listen_interfaces=options.listen,
    enable_outgoing_utp=options.utp, enable_incoming_utp=options.utp,
    enable_outgoing_tcp=not options.utp, enable_incoming_tcp=not options.utp,
    allow_multiple_connections_per_ip=True, alert_mask=lt.alert_category.status,
    **POLICIES[options.encryption])
session = lt.session(settings)
is_link = options.source.startswith("magnet:")
parameters = lt.parse_magnet_uri(options.source) if is_link else lt.load_torrent_file(options.source)
parameters.save_path = options.save
parameters.flags &= ~lt.torrent_flags.auto_managed
parameters.flags &= ~lt.torrent_flags.paused
if options.seed:
    parameters.flags |= lt.torrent_flags.seed_mode
handle = session.add_torrent(parameters)
if options.slow:
    handle.set_upload_limit(SLOW_BYTES_PER_SECOND)


def connect(peer):
    host, port = peer.rsplit(":", 1)
    handle.connect_peer((host, int(port)))


def dial():
    for line in sys.stdin:
        connect(line.strip())


threading.Thread(target=dial, daemon=True).start()
print("ready", flush=True)
if options.peer:
    connect(options.peer)
while True:
    session.wait_for_alert(20 if options.exit else 1000)
    for alert in session.pop_alerts():
        if options.exit and alert.what() == "torrent_finished":
            os._exit(0)
