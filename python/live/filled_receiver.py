"""A receiver that is handed out when chunks have been pushed to it: `lmcache bench l2` measures an adapter as soon as it has it,
and a receiver is filled by another process. How many chunks: LIVE_EXPECTED_CHUNKS."""

import os

from servers import wait_until

from l2_adapter.lmcache import PdL2Adapter, PdL2AdapterConfig


class FilledReceiver(PdL2Adapter):
    """The adapter as it is, only later."""

    def __init__(self, config, l1_memory_desc=None):
        super().__init__(config, l1_memory_desc)
        print("the receiver is started", flush=True)
        expected = int(os.environ["LIVE_EXPECTED_CHUNKS"])
        wait_until("the sender's chunks are there", lambda: self._committed() >= expected)

    def _committed(self):
        return sum(rank["committed"]["slots"] for rank in self.report_status()["ranks"])


class FilledReceiverConfig(PdL2AdapterConfig):
    """LMCache finds it by its name."""
