"""What a forge is to the runner: repositories over http, and a signed webhook after each push."""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import subprocess
import threading
import uuid


class Forge:
    """`git http-backend` behind a small server. A hook tells it of a push by a pipe, which costs nearly nothing."""

    def __init__(self, root: str, environment: dict):
        self.root = root
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(root, environment))
        self.port = self.server.server_address[1]
        self.statuses = []
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def pipe(self, name: str) -> str:
        path = os.path.join(self.root, name)
        os.mkfifo(path)
        return path

    def tell(self, pipe: str, port: int, repository: str, secret: str) -> None:
        """From now on, each line of the pipe is told to the daemon as Gitea tells a push."""
        # Open for writing, too, so that it has no end.
        lines = open(os.open(pipe, os.O_RDWR))
        threading.Thread(target=self.deliver, args=(lines, port, repository, secret), daemon=True).start()

    def deliver(self, lines, port: int, repository: str, secret: str) -> None:
        for line in lines:
            body = json.dumps({"ref": "refs/heads/develop", "after": line.strip()}).encode()
            signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", f"/hooks/{repository}", body, {
                "Content-Type": "application/json", "X-Gitea-Event": "push",
                "X-Gitea-Delivery": str(uuid.uuid4()), "X-Gitea-Signature": signature,
            })
            self.statuses.append(connection.getresponse().status)
            connection.close()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def handler(root: str, environment: dict):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.answer()

        def do_POST(self):
            self.answer()

        def log_message(self, *_):
            pass

        def answer(self):
            path, _, query = self.path.partition("?")
            body = self.body()
            backend = subprocess.run(["git", "http-backend"], input=body, stdout=subprocess.PIPE, env=dict(
                environment, GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1", REMOTE_USER="bench", PATH_INFO=path,
                QUERY_STRING=query, REQUEST_METHOD=self.command, CONTENT_LENGTH=str(len(body)),
                CONTENT_TYPE=self.headers.get("Content-Type", ""), GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
                HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            ))
            head, _, content = backend.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            pieces = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(pieces)

    return Handler
