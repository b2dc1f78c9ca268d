# What `tegula targets` calls this processor is available, and the same machine.
# RUN: %python %s
import json
import subprocess


def machine(spelling):
    shown = subprocess.run(["tegula", "targets", spelling, "--json"], check=True,
                           capture_output=True, text=True)
    return json.loads(shown.stdout)[0]


host = machine("cpu")
named = machine("cpu:" + host["arch"])
assert named["available"], named
assert named == host, (named, host)
