"""Answers that are long: they come in parts, whole or seen to be cut, and who reads slowly holds up nobody."""
import csv
import http.client
import io
import os
import socket
import subprocess
import unittest

from harness import BUILD, PATIENCE, eventually
from test_people import PeopleTest, Person

MANY = 1500
EXPORT = "/v1/export?month=2026-10"


class LongAnswers(PeopleTest):
    @classmethod
    def prepare(cls):
        cls.room.start()
        cls.room.stop()
        filled = cls.room.run(os.path.join(BUILD, "tests", "e2e", "large_month"), cls.room.world.data, "2026", "10", str(MANY))
        assert filled.wait(PATIENCE) == 0

    def setUp(self):
        self.sockets = []
        self.addCleanup(lambda: [each.close() for each in self.sockets])

    def here(self, *arguments):
        return self.room.here("export", "--month", "2026-10", *arguments, code=0).stdout

    def stalled(self, operator, version="1.1"):
        """A reader whose window is small, and who reads no more than the head of the answer."""
        sock = socket.socket()
        self.sockets.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        sock.settimeout(PATIENCE)
        sock.connect(("localhost", self.room.ready["people"]))
        sock.sendall(f"GET {EXPORT} HTTP/{version}\r\nHost: localhost\r\nCookie: {operator.cookie}\r\nAccept: text/csv\r\n\r\n".encode())
        response = http.client.HTTPResponse(sock)
        response.begin()
        self.sockets.append(response)
        self.assertEqual((response.status, response.getheader("Transfer-Encoding")), (200, "chunked" if version == "1.1" else None))
        return response

    def test_an_export_comes_in_parts_and_is_the_same(self):
        operator = Person(self.room, "ops@port")
        told = operator.get(EXPORT, Accept="text/csv")
        self.assertEqual(told.status, 200, told)
        self.assertEqual((told.headers["Transfer-Encoding"], told.headers["Content-Length"], told.headers["ETag"]), ("chunked", None, None))
        self.assertEqual(told.body.decode().replace("\r\n", "\n"), self.here())        # universal newlines
        rows = list(csv.DictReader(io.StringIO(told.body.decode(), newline="")))
        self.assertEqual((len(rows), len({row["declaration"] for row in rows})), (MANY, MANY))
        places = [(row["direction"], row["RELEASED"]) for row in rows]
        self.assertEqual(places, sorted(places, key=lambda place: (place[0] != places[0][0], place[1])))
        packed = operator.get(EXPORT, Accept="application/zstd")
        unpacked = subprocess.run(["zstd", "-dc"], input=packed.body, capture_output=True)
        self.assertEqual((packed.status, unpacked.returncode, unpacked.stdout), (200, 0, told.body))
        self.assertLess(len(packed.body), len(told.body) / 5)

    def test_what_is_short_is_told_as_before(self):
        operator = Person(self.room, "ops@port")
        day = "/v1/export?from=2026-10-01&to=2026-10-01"
        told = operator.get(day, Accept="text/csv")
        self.assertEqual((told.status, int(told.headers["Content-Length"])), (200, len(told.body)))
        self.assertEqual(operator.get(day, **{"Accept": "text/csv", "If-None-Match": told.headers["ETag"]}).status, 304)
        self.assertEqual(operator.get("/v1/export?month=2026-09").status, 404)
        self.assertEqual(operator.ask("HEAD", EXPORT).status, 200)

    def test_who_reads_slowly_holds_up_nobody(self):
        """More of them than one asker has places: the next is refused, and whoever has another account is answered."""
        operator = Person(self.room, "ops@port")
        readers = [self.stalled(operator) for _ in range(8)]
        self.assertEqual(operator.get(EXPORT).status, 429)
        told = self.room.party("OFC-QD").get("/v1/report?month=2026-10")
        self.assertEqual(told.status, 200, told)
        for sock in self.sockets:
            sock.close()
        eventually(lambda: operator.get(EXPORT).status == 200, "those who left have given up their places")

    def test_it_is_seen_to_be_cut(self):
        """The gateway ends while it is read: to a client that reads chunks it is not whole."""
        reader = self.stalled(Person(self.room, "ops@port"))
        whole = len(self.here())
        self.room.gateway.terminate()
        got = b""
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)) as raised:
            while piece := reader.read(1 << 16):
                got += piece
            raise AssertionError(f"{len(got)} of {whole} bytes seemed whole")
        self.assertLess(len(got) + len(getattr(raised.exception, "partial", b"")), whole)
        self.room.stop()                            # it ended well
        self.room.start()

    def test_case_920_to_who_knows_no_chunks_too(self):
        """HTTP/1.0, as of proxies: the answer ends with the connection, which is reset unless the answer is whole."""
        operator = Person(self.room, "ops@port")
        whole = self.stalled(operator, "1.0").read()
        self.assertEqual(whole.decode().replace("\r\n", "\n"), self.here())
        for end in self.room.stop, self.room.kill:
            reader = self.stalled(operator, "1.0")
            end()
            with self.assertRaises(ConnectionResetError):
                reader.read()
            self.room.start()

    def test_case_921_who_is_signed_out_meanwhile_is_told_no_more(self):
        operator = Person(self.room, "ops@port")
        reader = self.stalled(operator)
        self.assertEqual(operator.sign_out().status, 204)
        with self.assertRaises((http.client.IncompleteRead, ConnectionError)):
            reader.read()


if __name__ == "__main__":
    unittest.main()
