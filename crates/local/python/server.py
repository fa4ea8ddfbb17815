"""What a model's container answers over HTTP: `GET /ping` and `POST /invocations`, on the port of `SAGEMAKER_BIND_TO_PORT`."""

import os
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tables import Refused

# Says to who started this that it is not another's server on the same port.
TOKEN = os.environ.get("PIPEWRIGHT_SERVER", "")

# No request of SageMaker's is larger.
LARGEST = 100 * 1024 * 1024


class Unsupported(Exception):
    """A content type that this model can't read or write."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def server_bind(self):
        # Not HTTPServer's: it asks the resolver for this machine's name, which can take seconds.
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.socket.getsockname()[:2]


def serve(answer):
    """Serves for ever. `answer(body, content_type, accept)` gives the bytes and their type."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            self.reply(200 if self.path == "/ping" else 404, b"", "text/plain")

        def do_POST(self):
            try:
                length = int(self.headers.get("Content-Length", ""))
            except ValueError:
                length = -1
            if not 0 <= length <= LARGEST:
                self.close_connection = True
                return self.reply(411, b"a request needs a Content-Length of at most 100 MB\n", "text/plain")
            body = self.rfile.read(length)
            if self.path != "/invocations":
                return self.reply(404, b"", "text/plain")
            try:
                content, kind = answer(body, self.headers.get("Content-Type"), self.headers.get("Accept"))
            except Unsupported as error:
                self.reply(415, f"{error}\n".encode(), "text/plain")
            except Refused as error:
                self.reply(400, f"{error}\n".encode(), "text/plain")
            except Exception as error:
                traceback.print_exc()
                self.reply(500, f"{type(error).__name__}: {error}\n".encode(), "text/plain")
            else:
                self.reply(200, content, kind)

        def reply(self, status, content, kind):
            if status >= 400:
                print(f"{self.command} {self.path}: {status} {content.decode(errors='replace').strip()}", file=sys.stderr, flush=True)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if TOKEN:
                self.send_header("X-Pipewright-Server", TOKEN)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            pass

    server = Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler)
    print(f"serving on port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
