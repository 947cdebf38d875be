"""LMCache's command."""

import json

from lmcache.v1.distributed.l2_adapters.config import get_registered_l2_adapter_types


def main(argv=None):
    # Instead of running a server, prints its arguments and types.
    print(json.dumps({"arguments": argv, "types": get_registered_l2_adapter_types()}))
