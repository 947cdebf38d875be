"""A receiver whose constructor returns after LIVE_EXPECTED_CHUNKS chunks have arrived. `lmcache bench l2` measures an adapter as
soon as it is constructed, but another process fills a receiver."""

import os

from servers import wait_until

from l2_adapter.lmcache import PdL2Adapter, PdL2AdapterConfig


class FilledReceiver(PdL2Adapter):
    """The adapter, constructed later."""

    def __init__(self, config, l1_memory_desc=None):
        super().__init__(config, l1_memory_desc)
        print("the receiver is started", flush=True)
        expected = int(os.environ["LIVE_EXPECTED_CHUNKS"])
        wait_until("the sender's chunks are there", lambda: self._committed() >= expected)

    def _committed(self):
        return sum(rank["committed"]["slots"] for rank in self.report_status()["ranks"])


class FilledReceiverConfig(PdL2AdapterConfig):
    """The config that belongs to `FilledReceiver`: LMCache finds it by its name."""
