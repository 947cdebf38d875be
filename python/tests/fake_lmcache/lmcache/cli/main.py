"""LMCache's command."""

import json

from lmcache.v1.distributed.l2_adapters.config import get_registered_l2_adapter_types


def main(argv=None):
    # In place of a server: what one would be started with.
    print(json.dumps({"arguments": argv, "types": get_registered_l2_adapter_types()}))
