"""Photo bytes that a tus client of somebody else's sends: tuspy, by the protocol alone (https://tus.io)."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import pathlib
import random
import socket
import struct
import threading
import typing
import uuid
import zlib
from urllib.parse import urlsplit

import pytest
import requests
from storewalk import Core, PhotoStatus, done
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage
from tusclient.uploader import Uploader
from world import PASSWORD, World, arrive, scenario

#: Bytes that the line carries towards the server before it is cut.
BETWEEN_CUTS = 100_000


@pytest.fixture(autouse=True)
def _straight_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment cannot lead back to this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


class Scissors:
    """A line to the server of which every connection is cut after so many bytes."""

    def __init__(self, server: str, after: int) -> None:
        self._server, self._after = urlsplit(server), after
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.cuts = self.carried = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def _carry(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError), caller:
            with socket.create_connection((self._server.hostname, self._server.port)) as server:
                # The system must not keep back what this line says it has carried.
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._answer, args=(server, caller), daemon=True).start()
                left = self._after
                while left and (piece := caller.recv(min(left, 4_096))):
                    server.sendall(piece)
                    left -= len(piece)
                    self.carried += len(piece)
                self.cuts += left == 0
                caller.shutdown(socket.SHUT_RDWR)
                server.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _answer(server: socket.socket, caller: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := server.recv(65_536):
                caller.sendall(piece)


class Stranger:
    """A program of somebody else's: it knows a login, the address of the server and the protocol."""

    def __init__(self, server: str, login: str) -> None:
        device = {"device_id": str(uuid.uuid4()), "name": "tuspy", "platform": "python", "app_version": "1.1.0"}
        signing_in = {"login": login, "password": PASSWORD, "device": device}
        grant = requests.post(f"{server}/session", json=signing_in, timeout=20)
        assert grant.status_code == 200, grant.text
        self.bearer = {"Authorization": f"Bearer {grant.json()['access_token']}"}
        self._server = server

    def client(self, line: str | None = None) -> TusClient:
        return TusClient(f"{line or self._server}/uploads", headers=dict(self.bearer))

    def ask(self, method: str, url: str, **headers: str) -> requests.Response:
        """One request by hand."""
        named = {"Tus-Resumable": "1.0.0", **self.bearer, **{name.replace("_", "-"): headers[name] for name in headers}}
        return requests.request(method, url, headers=named, timeout=20)


def noise(side: int) -> bytes:
    """A PNG that no codec can make small."""
    source = random.Random(20_250_314)
    rows = b"".join(b"\0" + source.randbytes(3 * side) for _ in range(side))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


async def taken(world: World) -> tuple[Core, str, pathlib.Path, dict[str, str]]:
    """A phone with a photo that the server knows and has no byte of; what a client says of it."""
    phone = await world.phone_of("liwen")
    file = pathlib.Path(world.folder()).with_suffix(".png")
    file.write_bytes(noise(400))
    visit = await arrive(phone)
    photo = done(await phone.photos.capture(visit, "product_zone", str(file)))
    await phone.sync.now()
    return phone, visit, file, {"photo_id": photo.photo_id, "variant": "original", "sha256": photo.sha256}


def refused(call: typing.Callable[[], object], status: int, code: str) -> None:
    """The call ends with the server's problem."""
    with pytest.raises(TusCommunicationError) as fault:
        call()
    assert fault.value.status_code == status, fault.value.response_content
    assert f'"code":"{code}"'.encode() in fault.value.response_content.replace(b'": "', b'":"')


@scenario
async def test_a_tus_client_that_is_cut_off_again_and_again_brings_a_photo_and_has_its_receipt(world: World) -> None:
    phone, visit, file, said = await taken(world)
    size = file.stat().st_size
    line = Scissors(world.server.url, BETWEEN_CUTS)

    def send() -> tuple[requests.Response, str]:
        stranger = Stranger(world.server.url, "liwen")
        client, places = stranger.client(line.url), FileStorage(str(file.with_suffix(".places")))
        kept = {"metadata": said, "store_url": True, "url_storage": places}
        # The first program is gone with its line; the next one finds the place in its storage.
        first = client.uploader(str(file), **kept)
        with pytest.raises(TusUploadFailed):
            first.upload()
        again = client.uploader(str(file), retries=2 * (size // BETWEEN_CUTS), retry_delay=0, **kept)
        assert again.url == first.url and 0 < again.offset < BETWEEN_CUTS
        again.upload()
        places.close()
        assert again.request.status_code == 204
        held = stranger.ask("GET", f"{world.server.url}/photos/{said['photo_id']}/original")
        return held, again.request.response_headers["storewalk-receipt"]

    held, receipt = await asyncio.to_thread(send)
    line.close()
    assert held.status_code == 200 and held.content == file.read_bytes()
    assert line.cuts >= size // BETWEEN_CUTS
    assert line.carried < 1.1 * size, "what had arrived was not sent again"
    assert [len(part) for part in receipt.split()][::2] == [64, 128], "a key and what it signed"
    # The phone that took it asks, sends nothing of it, and has the receipt of its own.
    report = await phone.photos.upload()
    assert (report.originals, report.error) == (1, None) and report.bytes_sent < size
    own = await phone.sync.receipt(said["photo_id"])
    assert own is not None and own.is_trusted and own.sha256 == said["sha256"]
    await phone.sync.now()
    assert [photo.status for photo in await phone.photos.of_visit(visit)] == [PhotoStatus.RECEIVED]


@scenario
async def test_a_tus_client_that_lies_is_told_so_exactly_and_loses_nothing_that_was_taken(world: World) -> None:
    _, _, file, said = await taken(world)

    class Liar(Uploader):
        """Its checksums are of other bytes, or of a kind that nobody knows."""

        name = "sha1"

        @property
        def checksum_algorithm(self) -> typing.Any:
            return lambda chunk: hashlib.sha1(chunk + b"!")

        @property
        def checksum_algorithm_name(self) -> str:
            return self.name

    def lie() -> None:
        stranger = Stranger(world.server.url, "liwen")
        client = stranger.client()
        honest = client.uploader(str(file), metadata=said, chunk_size=65_536, upload_checksum=True)
        honest.upload_chunk()
        assert honest.offset == 65_536

        for offset in (0, 65_535, 65_537):
            elsewhere = client.uploader(str(file), url=honest.url, chunk_size=65_536)
            elsewhere.offset = offset
            refused(elsewhere.upload_chunk, 409, "offset_mismatch")
            assert elsewhere.request.response_headers["upload-offset"] == "65536"

        liar = Liar(str(file), url=honest.url, client=client, chunk_size=65_536, upload_checksum=True)
        refused(liar.upload_chunk, 460, "checksum_mismatch")
        liar.name = "md5"
        refused(liar.upload_chunk, 400, "request_malformed")
        assert honest.get_offset() == 65_536

        old = stranger.ask("HEAD", honest.url, Tus_Resumable="0.2.2")
        assert (old.status_code, old.headers["Tus-Version"]) == (412, "1.0.0")
        unnamed = requests.head(honest.url, headers={"Tus-Resumable": "1.0.0"}, timeout=20)
        assert unnamed.status_code == 401
        other = Stranger(world.server.url, "wangqiang").client()
        with pytest.raises(TusCommunicationError) as hidden:
            other.uploader(str(file), url=honest.url)
        assert hidden.value.status_code == 404
        refused(lambda: other.uploader(str(file), metadata=said).create_url(), 404, "not_found")
        wrong = {**said, "sha256": "0" * 64}
        refused(lambda: client.uploader(str(file), metadata=wrong).create_url(), 422, "refused")

        honest.upload()
        assert honest.request.status_code == 204 and honest.request.response_headers["storewalk-receipt"]
        beyond = client.uploader(str(file), url=honest.url)
        beyond.offset = 65_536
        refused(beyond.upload_chunk, 409, "offset_mismatch")
        assert client.uploader(str(file), metadata=said).create_url() == honest.url

    await asyncio.to_thread(lie)


@scenario
async def test_a_tus_client_learns_what_the_server_can_do_and_may_give_an_upload_up(world: World) -> None:
    _, _, file, said = await taken(world)

    def give_up() -> None:
        stranger = Stranger(world.server.url, "liwen")
        can = requests.options(f"{world.server.url}/uploads", timeout=20)
        assert can.status_code == 204 and can.headers["Tus-Version"] == "1.0.0"
        extensions = {"creation", "creation-with-upload", "checksum", "expiration", "termination"}
        assert set(can.headers["Tus-Extension"].split(",")) == extensions
        assert int(can.headers["Tus-Max-Size"]) > file.stat().st_size
        begun = stranger.client().uploader(str(file), metadata=said, chunk_size=65_536)
        begun.upload_chunk()
        assert "upload-expires" in begun.request.response_headers
        assert stranger.ask("DELETE", begun.url).status_code == 204
        assert stranger.ask("HEAD", begun.url).status_code == 404
        anew = stranger.client().uploader(str(file), metadata=said)
        anew.upload()
        assert (anew.url, anew.request.status_code) == (begun.url, 204)

    await asyncio.to_thread(give_up)
