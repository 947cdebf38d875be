"""LMCache's proxies with the notification of our sender: the decode engine is asked when all chunks are there. Nothing waits."""

import fronts
from handover import through
from servers import wait_until

# Look-ups that do not wait: what is not there yet would be computed.
AT_ONCE = {"lookup_grace_seconds": 0, "lookup_seconds": 0}
MULTIPROCESS, CLASSIC = range(20), range(20, 30)


def notified(front, protocol, numbers):
    """The check that all requests through a proxy come whole, at look-ups that do not wait."""

    def check(lab):
        references = lab.references("large", numbers)
        deployment = lab.deployment("large", notifies=protocol, timing=AT_ONCE)
        [before] = deployment.senders()
        with front(deployment) as program:
            report = through(program, deployment, references, numbers)
            wait_until("all notifications are sent", lambda: not proxy(deployment)["waiting"])
        [after] = deployment.senders()
        failed = after["requests"]["failed"] - before["requests"]["failed"]
        # That of the deployment's first request may have waited for the proxy.
        sent = after["proxy"]["sent"] - before["proxy"]["sent"] - before["proxy"]["waiting"]
        report += f"; {sent} notifications, {failed} of them as failed"
        assert sent == len(numbers) and not failed, report
        return report

    return check


def proxy(deployment):
    """What the sender says of its notifications."""
    [sender] = deployment.senders()
    return sender["proxy"]


multiprocess = notified(fronts.proxy, "http", MULTIPROCESS)
classic = notified(fronts.classic_proxy, "zmq", CLASSIC)
