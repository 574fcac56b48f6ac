"""A TCP proxy on loopback that cuts, tears and stalls connections, and acts at a chosen message."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

RESET = struct.pack("ii", 1, 0)


@dataclass
class _Trigger:
    """What to do when one connection's client has said these words in this order."""

    words: Sequence[bytes]
    after: bool
    act: Callable[[], None]


@dataclass
class _Pair:
    """One connection through the proxy."""

    client: socket.socket
    server: socket.socket
    said: int = 0
    is_due: bool = False
    tears: bool = False
    sockets: list[socket.socket] = field(init=False)

    def __post_init__(self) -> None:
        self.sockets = [self.client, self.server]

    def cut(self) -> None:
        """End it with a reset."""
        for end in self.sockets:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


class Proxy:
    """Forwards to one address, both ways, unless it is told otherwise."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._pairs: list[_Pair] = []
        self._lock = threading.Lock()
        self._flows = threading.Event()
        self._flows.set()
        self._trigger: _Trigger | None = None
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def cut(self) -> None:
        """Reset every connection."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            pair.cut()

    def tear(self) -> None:
        """Let each connection break off in the middle of the server's next message."""
        with self._lock:
            for pair in self._pairs:
                pair.tears = True

    def stall(self) -> None:
        """Forward nothing until ``flow()``."""
        self._flows.clear()

    def flow(self) -> None:
        """Forward what was held, and whatever comes."""
        self._flows.set()

    def when(self, *words: bytes, after: bool, act: Callable[[], None]) -> None:
        """Act once when a client says the last of these words, or when the server has answered."""
        with self._lock:
            self._trigger = _Trigger(words, after, act)
            for pair in self._pairs:
                pair.said, pair.is_due = 0, False

    def forget(self) -> None:
        """Act at nothing any more, and let everything flow."""
        self._trigger = None
        self.flow()

    def close(self) -> None:
        """Cut everything and listen no more."""
        self.forget()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._target, timeout=5)
                except OSError:
                    client.close()
                    continue
                server.settimeout(None)
                pair = _Pair(client, server)
                with self._lock:
                    self._pairs.append(pair)
                for pump in (self._ask, self._answer):
                    threading.Thread(target=self._run, args=(pump, pair), daemon=True).start()

    def _run(self, pump: Callable[[_Pair], None], pair: _Pair) -> None:
        with contextlib.suppress(OSError):
            pump(pair)
        with self._lock, contextlib.suppress(ValueError):
            self._pairs.remove(pair)
        pair.cut()

    def _ask(self, pair: _Pair) -> None:
        while data := pair.client.recv(65536):
            self._flows.wait()
            trigger = self._trigger
            if trigger is not None and pair.said < len(trigger.words):
                pair.said += trigger.words[pair.said] in data
                if pair.said == len(trigger.words):
                    pair.is_due = True
                    if not trigger.after:
                        self._fire(pair, trigger)
            pair.server.sendall(data)

    def _answer(self, pair: _Pair) -> None:
        while data := pair.server.recv(65536):
            self._flows.wait()
            if pair.tears:
                pair.client.sendall(data[: len(data) // 2])
                return
            trigger = self._trigger
            if trigger is not None and pair.is_due and trigger.after:
                self._fire(pair, trigger)
            pair.client.sendall(data)

    def _fire(self, pair: _Pair, trigger: _Trigger) -> None:
        """Act, unless another connection was first."""
        with self._lock:
            is_first = self._trigger is trigger
            self._trigger = None
        pair.is_due = False
        if is_first:
            trigger.act()
