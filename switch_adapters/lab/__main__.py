"""python -m switch_adapters.lab: get Asterisk and sipp, start Asterisk on loopback once, print both versions.

Last line JSON: `asterisk`, `sipp`, `started_s`. Exit 0 = the lab is there; 75 = `lab unavailable: <reason>`.
`python -m switch_adapters.lab get` only fetches.
"""

from __future__ import annotations

import json
import sys
import time

from switch_adapters.lab.asterisk import AsteriskProcess, free_ports
from switch_adapters.lab.fetch import UNAVAILABLE, LabUnavailable, get, sipp_version
from switch_adapters.lab.sipp import provider


def main(arguments: list[str]) -> int:
    try:
        installation = get()
    except LabUnavailable as problem:
        sys.stderr.write(f"lab unavailable: {problem}\n")
        return UNAVAILABLE
    report: dict[str, object] = {"asterisk": installation.version, "sipp": sipp_version()}
    if arguments != ["get"]:
        asterisk = AsteriskProcess(installation, free_ports(1)[0])
        begun = time.monotonic()
        try:
            asterisk.start()
            carrier = provider("answer.xml", home=asterisk.layout.home)
            report["started_s"] = round(time.monotonic() - begun, 2)
            sys.stdout.write(asterisk.rasterisk("core show version") + f"sipp {sipp_version()}, port {carrier.port}\n")
            carrier.stop()
        finally:
            asterisk.remove()
    sys.stdout.write(json.dumps(report) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
