"""The socket of LMCache's classic proxy for notifications: a PULL socket that decodes `ProxyNotif`.

Prints its port, then the request id of each message, one a line. Ends when its standard input ends. An argument sets the port.
"""

import sys
import threading

import msgspec
import zmq


class ProxyNotif(msgspec.Struct, tag=True):
    req_id: str


def main() -> None:
    pull = zmq.Context().socket(zmq.PULL)
    port = pull.bind_to_random_port("tcp://127.0.0.1") if len(sys.argv) == 1 else int(sys.argv[1])
    if len(sys.argv) > 1:
        pull.bind(f"tcp://127.0.0.1:{port}")
    print(port, flush=True)
    decoder = msgspec.msgpack.Decoder(ProxyNotif)
    threading.Thread(target=receive, args=(pull, decoder), daemon=True).start()
    sys.stdin.read()


def receive(pull: zmq.Socket, decoder: msgspec.msgpack.Decoder) -> None:
    while True:
        print(decoder.decode(pull.recv()).req_id, flush=True)


main()
