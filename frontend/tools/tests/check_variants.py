"""Reads the artifact that variants.test has made."""
import json
import sys

path = sys.argv[1]
metadata = json.load(open(path + ".json"))
bytes_ = open(path, "rb").read()
variants = metadata["variants"]
names = [variant["target"] for variant in variants]
assert names == ["cpu:x86-64-v4", "cpu:neoverse-v1", "cpu:x86-64-v3:+avxvnni,-f16c", "cpu:x86-64-v2"] or \
    names == ["cpu:x86-64-v4", "cpu:x86-64-v3:+avxvnni,-f16c", "cpu:neoverse-v1", "cpu:x86-64-v2"], names
machines = {"x86_64": 62, "aarch64": 183}
for variant in variants:
    image = bytes_[variant["offset"] : variant["offset"] + variant["bytes"]]
    needs = variant["requires"]
    assert image[:4] == b"\177ELF", variant
    assert image[18] == machines[needs["architecture"]], variant
    assert needs["vector_bits"] == (256 if "neoverse" in variant["target"] else 0)
by_name = {variant["target"]: variant for variant in variants}
assert by_name["cpu:x86-64-v2"]["offset"] == 0
assert metadata["target"] == "cpu:x86-64-v2"
assert "avx512f" in by_name["cpu:x86-64-v4"]["requires"]["features"]
assert "avx" not in by_name["cpu:x86-64-v2"]["requires"]["features"]
v3 = by_name["cpu:x86-64-v3:+avxvnni,-f16c"]["requires"]["features"]
assert "avx2" in v3 and "avxvnni" in v3 and "f16c" not in v3
