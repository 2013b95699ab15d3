"""Records what send.py puts on the wire into tests/fixtures/otlp, one file per request body, gzip undone.

    record.py DIRECTORY

Run it with the packages of tests/requirements.txt. It writes NAME-N.bin (the bodies, protobuf) and NAME.json (the totals
that send.py printed) for each of the cases below.
"""

import gzip
import pathlib
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

CASES = {
    "traces": ["--signals", "traces", "--rounds", "1"],
    "metrics-cumulative": ["--signals", "metrics"],
    "metrics-delta": ["--signals", "metrics", "--temporality", "delta"],
    "metrics-exponential": ["--signals", "metrics", "--histogram", "exponential"],
}


class Recorder(BaseHTTPRequestHandler):
    bodies = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        Recorder.bodies.append(body)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    target = pathlib.Path(sys.argv[1])
    server = HTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    sender = pathlib.Path(__file__).with_name("send.py")
    for name, arguments in CASES.items():
        Recorder.bodies = []
        told = subprocess.run([sys.executable, sender, url, *arguments], check=True, capture_output=True, text=True)
        (target / f"{name}.json").write_text(told.stdout)
        for number, body in enumerate(Recorder.bodies, start=1):
            (target / f"{name}-{number}.bin").write_bytes(body)
            print(f"{name}-{number}.bin: {len(body)} bytes")


if __name__ == "__main__":
    main()
