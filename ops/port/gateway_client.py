"""A party's side of the gateway's HTTP API: mutual TLS, one connection kept open, a new one when it broke."""
import http.client
import json
import socket
import ssl
import time
import urllib.parse

RESTS_MAX_S = 45         # a gateway closes what has rested for a minute, perhaps just when something is asked on it again


class Answer:
    """What came back: HTTP status, headers, bytes."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def receipt(self):
        """The receipt, whether it stands alone, in a problem or beside a decision."""
        body = self.json
        return body["receipt"] if isinstance(body.get("receipt"), dict) else body

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class Client:
    """One party; not to be shared between threads."""

    def __init__(self, port, ca=None, certificate=None, key=None, timeout=60):
        self.port, self.timeout, self.context, self.connection, self.used = port, timeout, None, None, 0
        if ca:
            self.context = ssl.create_default_context(cafile=ca)
            if certificate:
                self.context.load_cert_chain(certificate, key)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def connect(self):
        if self.context:
            connection = http.client.HTTPSConnection("localhost", self.port, context=self.context, timeout=self.timeout)
        else:
            connection = http.client.HTTPConnection("localhost", self.port, timeout=self.timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection, self.used = connection, time.monotonic()

    def ask(self, method, path, body=None, headers=None):
        """Raises OSError or http.client.HTTPException when the connection breaks: then nothing is known about the request."""
        if self.connection and time.monotonic() - self.used > RESTS_MAX_S:
            self.close()
        if not self.connection:
            self.connect()
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            response = self.connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self.used = time.monotonic()
        if response.will_close:
            self.close()
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def submit(self, message, wait=None, format=None, **headers):
        headers = {"Content-Type": "application/xml", **headers}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        path = "/v1/messages" + (f"?format={format}" if format else "")
        return self.ask("POST", path, body=message, headers=headers)

    def find(self, own_id, family=None):
        query = {"id": own_id, **({"family": family} if family else {})}
        return self.get("/v1/messages?" + urllib.parse.urlencode(query))

    def track(self, query, **headers):
        return self.get("/v1/track/" + urllib.parse.quote(query, safe=""), **headers)


def of_party(world, code, port, timeout=60):
    return Client(port, world.ca, world.certificate(code), world.key(code), timeout)
