"""A tracker on HTTP that knows one peer and tells the others of it."""
import http.server, socket, struct, threading, urllib.parse


class Tracker:
    """Listens at `address`; `has_heard` is set when the peer at `known` has announced
    itself."""

    def __init__(self, address, known):
        self.has_heard = threading.Event()
        tracker, (host, port) = self, known

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                query = urllib.parse.urlparse(self.path).query
                asks = dict(urllib.parse.parse_qsl(query, encoding="latin-1"))
                peers = b""
                if asks.get("port") == str(port):
                    tracker.has_heard.set()
                else:
                    peers = socket.inet_aton(host) + struct.pack(">H", port)
                body = b"d8:intervali600e5:peers%d:%se" % (len(peers), peers)
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(address, Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
