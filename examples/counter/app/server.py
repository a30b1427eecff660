"""Counts visits in PostgreSQL. `server.py PORT VERSION`, with DATABASE_URL in the environment."""
import http.server
import json
import os
import sys
import threading

import psycopg2

port, version = int(sys.argv[1]), sys.argv[2]
local = threading.local()


def ask(query):
    """One row; a connection that was lost is made anew, once."""
    for attempt in (1, 2):
        try:
            if getattr(local, "connection", None) is None:
                local.connection = psycopg2.connect(os.environ["DATABASE_URL"])
                local.connection.autocommit = True
            with local.connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchone()
        except psycopg2.OperationalError:
            local.connection = None
            if attempt == 2:
                raise


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            if self.path == "/health":
                ask("select count(*) from visit")
                status, body = 200, {"status": "healthy", "version": version, "database": "connected"}
            else:
                (visits,) = ask("insert into visit default values returning id")
                status, body = 200, {"version": version, "visit": visits}
        except psycopg2.Error as error:
            status, body = 503, {"status": "sick", "version": version, "database": str(error).split("\n")[0]}
        data = (json.dumps(body) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", port), Answers).serve_forever()
