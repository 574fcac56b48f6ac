"""A wire between a worker and PgBouncer that can be held at a chosen message."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator


class Wire:
    """Forwards both directions, until a message of the client holds the word that was armed.

    ``hold_request``: the message is not forwarded; ``hold_answer``: it is, and the server's
    answers to it are kept. ``held`` is set then; ``release`` lets everything through.
    """

    def __init__(self, host: str, port: int) -> None:
        self.held = threading.Event()
        self._released = threading.Event()
        self._hold_request: bytes | None = None
        self._hold_answer: tuple[bytes, ...] = ()
        self._target = (host, port)
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_request(self, word: bytes) -> None:
        """Keep back the client's next message with this word."""
        self._hold_request = word

    def hold_answer(self, *words: bytes) -> None:
        """Keep back the answer to the last of these words, seen in this order by one connection."""
        self._hold_answer = words

    def release(self) -> None:
        """Let everything through from now on."""
        self._hold_request, self._hold_answer = None, ()
        self._released.set()

    def close(self) -> None:
        self.release()
        for opened in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._open += [client, server]
                # Words that this connection has said: a worker has others, such as its heart's.
                said: list[bytes] = []
                for source, sink, pump in (
                    (client, server, self._ask),
                    (server, client, self._answer),
                ):
                    arguments = (source, sink, pump, said)
                    threading.Thread(target=self._pump, args=arguments, daemon=True).start()

    def _pump(
        self,
        source: socket.socket,
        sink: socket.socket,
        watch: Callable[[bytes, list[bytes]], None],
        said: list[bytes],
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                watch(data, said)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _ask(self, data: bytes, said: list[bytes]) -> None:
        if self._hold_request is not None and self._hold_request in data:
            self._hold()
        while len(said) < len(self._hold_answer) and self._hold_answer[len(said)] in data:
            said.append(self._hold_answer[len(said)])

    def _answer(self, data: bytes, said: list[bytes]) -> None:
        if self._hold_answer and tuple(said) == self._hold_answer:
            self._hold()

    def _hold(self) -> None:
        self.held.set()
        self._released.wait()


@contextlib.contextmanager
def wire(host: str, port: int) -> Iterator[Wire]:
    """A wire that is cut at the end."""
    opened = Wire(host, port)
    try:
        yield opened
    finally:
        opened.close()
