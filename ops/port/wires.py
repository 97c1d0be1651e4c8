"""The pipes to ZeroMQ and Kafka that the simulated port listens on (pipe.h says how), and its webhooks."""
import base64
import ctypes
import hashlib
import hmac
import http.server
import json
import os
import queue
import signal
import socket
import ssl
import subprocess
import threading
import time

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


def dies_with_us():
    """For preexec_fn: the kernel ends the child when we are gone, however we went."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Pipe:
    """A client that speaks pipe.h. receive() gives (verb, headers, body), None when it ended."""

    open = set()

    def __init__(self, *arguments):
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=dies_with_us)
        self.open.add(self)
        self.writing = threading.Lock()

    def receive(self):
        line = self.process.stdout.readline()
        if not line:
            return None
        verb, headers, body = line.split()
        text, data = self.process.stdout.read(int(headers)), self.process.stdout.read(int(body))
        self.process.stdout.read(1)
        return verb.decode(), json.loads(text) if text else {}, data

    def send(self, verb, headers=None, body=b""):
        text = json.dumps(headers).encode() if headers else b""
        with self.writing:
            self.process.stdin.write(b"%s %d %d\n%s%s\n" % (verb.encode(), len(text), len(body), text, body))
            self.process.stdin.flush()

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait()

    def close(self):
        self.end()
        self.open.discard(self)
        for end in (self.process.stdin, self.process.stdout):
            try:
                end.close()
            except OSError:
                pass


class Broker:
    """Kafka without Java: librdkafka's mock cluster in a process of its own."""

    def __init__(self, program, *topics):
        self.process = subprocess.Popen([program, *topics], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=dies_with_us)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise OSError("the broker did not start")

    def order(self, line):
        """What mock_broker.c reads: down, up ..."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == line

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Topic:
    """What arrives on a Kafka topic: calls take(delivery id, headers, bytes) from a thread of its own."""

    def __init__(self, program, brokers, topic, group, take):
        self.pipe = Pipe(program, brokers, topic, group)
        self.take = take
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while (message := self.pipe.receive()):
            verb, headers, body = message
            if verb == "MESSAGE":
                self.take(headers["ce_id"], headers, body)

    def close(self):
        self.pipe.close()
        self.thread.join()


class Line:
    """A party's ZeroMQ line: acknowledges what take(delivery id, headers, bytes) took (it may return False: a NACK), and submits.

    When the gateway starts anew the line says HELLO again; a submission that was under way then is not answered and is
    the caller's to send again: submit() raises TimeoutError.
    """

    def __init__(self, program, address, gateway_public, public, secret, take, credit=64):
        self.pipe = Pipe(program, address, gateway_public, public, secret)
        self.take, self.credit, self.answers, self.serial = take, credit, {}, 0
        self.connected, self.denied = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while (message := self.pipe.receive()):
            verb, headers, body = message
            if verb == "CONNECTED":
                self.pipe.send("HELLO", {"credit": self.credit})
            elif verb == "WELCOME":
                self.connected.set()
            elif verb == "LOST":
                self.connected.clear()
            elif verb == "DENIED":
                self.denied.set()
            elif verb in ("DELIVER", "DECISION"):
                self.deliver(headers, body)
            elif verb in ("RECEIPT", "PROBLEM") and headers.get("ref") in self.answers:
                self.answers[headers["ref"]].put((verb, headers, body))

    def deliver(self, headers, body):
        if self.take(headers["delivery"], headers, body) is False:
            self.pipe.send("NACK", {"delivery": headers["delivery"], "reason": "not taken", "final": True})
        else:
            self.pipe.send("ACK", {"delivery": headers["delivery"]})

    def submit(self, message, format=None, timeout=30):
        """(verb, headers, body) of the RECEIPT or PROBLEM."""
        self.serial += 1
        ref = str(self.serial)
        self.answers[ref] = queue.Queue()
        try:
            self.pipe.send("SUBMIT", {"ref": ref, **({"format": format} if format else {})}, message)
            return self.answers[ref].get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError("no answer to SUBMIT") from None
        finally:
            del self.answers[ref]

    def close(self):
        self.pipe.close()
        self.thread.join()


class Folder:
    """What arrives in a folder: calls take(name, bytes) from a thread of its own; the files stay."""

    def __init__(self, path, take, pause=0.05):
        self.path, self.take, self.pause, self.seen = path, take, pause, set()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def look(self):
        for name in sorted(os.listdir(self.path)):
            if name in self.seen or name.startswith(".") or name.endswith(".tmp"):
                continue
            self.seen.add(name)
            with open(os.path.join(self.path, name), "rb") as file:
                self.take(name, file.read())

    def run(self):
        while not self.ending.is_set():
            self.look()
            time.sleep(self.pause)

    def close(self):
        self.ending.set()
        self.thread.join()


class Hook:
    """A receiver of webhooks over HTTPS: takes what is signed (Standard Webhooks 1.0), and acknowledges what
    take(delivery id, headers, bytes) took.

    answer(handler, number), when given, answers the n-th request in its own way instead, and returns True; False: as usual.
    refused: requests whose signature was wrong."""

    TOLERANCE_S = 300

    def __init__(self, port, certificate, key, secrets, take, answer=None, host="127.0.0.1"):
        self.host, self.port, self.certificate, self.key = host, port, certificate, key
        self.secrets, self.take, self.answer = [read_secret(path) for path in secrets], take, answer
        self.requests, self.refused, self.lock, self.server = 0, [], threading.Lock(), None
        self.open()

    def open(self):
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def setup(self):
                self.request = hook.context.wrap_socket(self.request, server_side=True)    # in the connection's own thread
                hook.connections.add(self.request)
                super().setup()

            def finish(self):
                super().finish()
                hook.connections.discard(self.request)
                self.request.close()

            def do_POST(self):
                hook.serve(self)

            def log_message(self, *unused):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, block_on_close, request_queue_size = True, False, 128

            def handle_error(self, *unused):
                pass

        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, self.key)
        self.connections = set()
        self.server = Server((self.host, self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def serve(self, handler):
        body = handler.rfile.read(int(handler.headers["content-length"]))
        with self.lock:
            self.requests += 1
            number = self.requests
        if self.answer and self.answer(handler, number):
            return
        headers = {name.lower(): value for name, value in handler.headers.items()}
        if not self.is_signed(headers, body):
            self.refused.append(headers)
            self.say(handler, 401)
            return
        taken = self.take(headers["webhook-id"], headers, body)
        self.say(handler, 422 if taken is False else 200)

    def is_signed(self, headers, body):
        stamp = headers["webhook-timestamp"]
        signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
        good = {"v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in self.secrets}
        return bool(good & set(headers["webhook-signature"].split())) and abs(time.time() - int(stamp)) < self.TOLERANCE_S

    @staticmethod
    def say(handler, status, headers=(), body=b""):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def shut(self):
        """Nobody listens there any more."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.thread.join()
            for connection in list(self.connections):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.server = None

    def close(self):
        self.shut()


def read_secret(path):
    with open(path) as file:
        return base64.b64decode(file.read().strip().removeprefix("whsec_"))
