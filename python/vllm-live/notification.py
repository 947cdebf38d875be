"""LMCache's proxies with our sender's notification: they call the decode engine when all chunks are there, so no lookup waits."""

import fronts
from engines import ask
from handover import observe, through, times
from references import SHORT_FROM
from servers import wait_until

# Lookups do not wait, so the engine would compute chunks that are missing.
AT_ONCE = {"lookup_grace_seconds": 0, "lookup_seconds": 0}
MULTIPROCESS, CLASSIC = range(20), range(20, 30)
# A request without a whole chunk, and one for an unknown receiver.
SHORT, FOR_NOBODY = (SHORT_FROM, None), (30, {"lmcache.pd.receiver": "nobody"})


def notified(front, protocol, numbers, not_pushed, failures):
    """The check that every request through a proxy is handed over whole, although no lookup waits, and that none hangs.

    These proxies wait without a limit, also for the requests `not_pushed`, which have nothing to push; `failures` of those fail.
    """

    def check(lab):
        references = lab.references("large", [*numbers, *(number for number, _ in not_pushed)])
        deployment = lab.deployment("large", notifies=protocol, timing=AT_ONCE)
        [before] = deployment.senders()
        with front(deployment) as program:
            report = through(program, deployment, references, numbers)
            computed = []
            for number, parameters in not_pushed:
                text, expected = references.of(number)
                send = lambda: ask(program, text, parameters)  # noqa: B023, E731
                computed.append(observe(deployment.decoder, expected, number, send, chunks=0))
            wait_until("all notifications are sent", lambda: not proxy(deployment)["waiting"])
        [after] = deployment.senders()
        failed = after["requests"]["failed"] - before["requests"]["failed"]
        # The notification of the deployment's first request may still have waited for the proxy.
        sent = after["proxy"]["sent"] - before["proxy"]["sent"] - before["proxy"]["waiting"]
        report += (
            f"; {len(computed)} with nothing to push: computed, first token after "
            f"{times([one.seconds_to_first_token for one in computed])}; {sent} notifications, {failed} of them as failed"
        )
        assert all(one.equal and one.is_whole() for one in computed), f"{report}: {computed}"
        assert (sent, failed) == (len(numbers) + len(not_pushed), failures), report
        return report

    return check


def proxy(deployment):
    """The sender's status of its notifications."""
    [sender] = deployment.senders()
    return sender["proxy"]


multiprocess = notified(fronts.proxy, "http", MULTIPROCESS, [SHORT, FOR_NOBODY], failures=1)
# This proxy does not pass its clients' parameters on, so a request cannot name an unknown receiver.
classic = notified(fronts.classic_proxy, "zmq", CLASSIC, [SHORT], failures=0)
