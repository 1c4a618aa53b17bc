"""What all clients have in common."""
import os, signal, subprocess as sp, time


class Client:
    """One run of a client in a folder of its own."""

    encryptions = ("off", "rc4")
    # Whether it can be told of a peer; else we dial it.
    dials = True
    # The same where it has come by a magnet link.
    dials_by_magnet = True

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.save = os.path.join(folder, "save")
        os.makedirs(self.save)
        self.process = None

    @classmethod
    def prepare(cls):
        """Installs it; raises NotRun where that cannot be done."""

    def begin(self, torrent, source, seeds, encryption, peer=None):
        """Starts; `source` is a .torrent or a magnet link. Who dials may be told of a
        `peer`, as `host:port`."""
        raise NotImplementedError

    def ready(self):
        """Waits until it serves."""
        time.sleep(1)

    def spawn(self, command, **options):
        log = open(os.path.join(self.folder, "log"), "w")
        environment = dict(os.environ, HOME=self.folder)
        options = dict(stdin=sp.DEVNULL, env=environment, start_new_session=True) | options
        self.process = sp.Popen(command, stdout=log, stderr=sp.STDOUT, **options)

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as log:
            return log.read()

    def run(self, command):
        return sp.run(command, stdout=sp.PIPE, stderr=sp.STDOUT, text=True, timeout=20).stdout

    def stop(self):
        if self.process and self.process.poll() is None:
            for kill in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.process.pid, kill)
                    self.process.wait(5)
                    return
                except (sp.TimeoutExpired, ProcessLookupError):
                    pass

    def wait(self, condition, what, seconds=20):
        end = time.time() + seconds
        while time.time() < end:
            if condition():
                return
            if self.process.poll() is not None:
                raise RuntimeError(f"the client has ended: {self.log()[-200:]!r}")
            time.sleep(0.1)
        raise RuntimeError(f"the client is not {what}")
