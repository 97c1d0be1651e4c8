"""The pipes to ZeroMQ, Kafka and folders that the simulated port listens on (pipe.h says how)."""
import ctypes
import json
import os
import queue
import signal
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

    def order(self, word):
        """down or up."""
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == word

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
