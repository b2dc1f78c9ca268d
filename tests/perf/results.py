#!/usr/bin/env python3
"""Writes RESULTS.md from what `tegula bench --json` printed.

    tests/perf/results.py ONE.json [TWO.json ...]

Each file is one run: its rows share a machine, a number of threads and peers. A
cell of a peer says how often it fits into the peer's time (above 1: Tegula is
faster) and, if it is more than half as large again or less than two thirds,
what became of the error against float64.
"""

import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    names = re.findall(r"^model name\s*:\s*(.*)$", text, re.M)
    family = re.findall(r"^(?:cpu family|model)\s*:\s*(\d+)$", text, re.M)[:2]
    return f"{names[0]} (family {family[0]}, model {family[1]}), {len(names)} cores"


def number(value, digits=3):
    return "-" if value is None else f"{value:.{digits}g}"


def seconds(value):
    for scale, unit in ((1, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def cell_of_peer(row, peer):
    if row["peers"].get(peer) is None:
        return ""
    text = f"{row['peers'][peer] / row['seconds_median']:.2f}"
    ours, theirs = row["max_error"], row["peer_errors"].get(peer)
    if ours and theirs and not 1 / 1.5 <= ours / theirs <= 1.5:
        text += f" ({theirs:.1e})"
    return text


def table(rows):
    peers = sorted({peer for row in rows for peer in row["peers"]})
    header = ["kernel", "case", "dtype", "time", "GB/s", "GFLOP/s", "% of limit", "error"]
    yield "| " + " | ".join(header + peers) + " |"
    yield "|" + "---|" * len(header + peers)
    for row in rows:
        cells = [row["kernel"], row["case"], row["dtype"]]
        if row.get("error"):
            yield "| " + " | ".join(cells + [row["error"].splitlines()[0]]) + " |"
            continue
        fraction = row["fraction"]
        share = "-" if fraction is None else f"{100 * fraction:.0f} {row['limit']}"
        if row["dropped"] and row["dropped"] >= 20:
            share += " (throttled)"
        cells += [seconds(row["seconds_median"]), number(row["gbps"]), number(row["gflops"])]
        cells += [share, number(row["max_error"], 2)]
        cells += [cell_of_peer(row, peer) for peer in peers]
        yield "| " + " | ".join(cells) + " |"


def limits(rows):
    found = {row["limit"]: row["limit_value"] for row in rows if row["limit"] != "none"}
    return ", ".join(f"{name} {value:.0f}" for name, value in sorted(found.items()))


def main():
    runs = [json.loads(pathlib.Path(name).read_text()) for name in sys.argv[1:]]
    if not runs:
        sys.exit(__doc__)
    date = subprocess.run(["date", "+%Y-%m-%d"], capture_output=True, text=True).stdout.strip()
    print(
        f"# What the corpus reaches\n\n"
        f"By `tests/perf/results.py` on {date}, from `tegula bench --json` with the "
        f"peers in turn in one run.\n{processor()}. A peer's column: its time over "
        f"ours (above 1: Tegula is faster), and its\nerror where that differs by more "
        f"than half."
    )
    for rows in runs:
        threads = rows[0]["threads"]
        print(f"\n## {threads} thread{'s' * (threads > 1)}, {rows[0]['target']}\n")
        print(f"Limits: {limits(rows)} (GB/s, GFLOP/s).\n")
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
