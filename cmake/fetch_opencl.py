#!/usr/bin/env python3
"""Puts Intel's OpenCL driver for processors into a folder.

  fetch_opencl.py FOLDER     makes FOLDER/lib/libintelocl.so and what it needs

The wheels that pip-packages.txt lists are downloaded and only the libraries
that a SPIR-V program needs are kept: 400 MB instead of 900. The driver finds
them beside itself and is opened by its path, so nothing is to be set up. A
folder that is complete is left alone. On failure: one line with the reason, and
status 1.
"""
import fnmatch
import pathlib
import platform
import shutil
import subprocess
import sys
import zipfile

LIST = pathlib.Path(__file__).with_name("pip-packages.txt")
# The driver, its built-in functions, and the libraries that it is linked to.
# Copies under a second name are left out.
KEPT = (
    "libintelocl.so", "libcommon_clang.so.*", "cl.cfg", "*.rtl", "cllibrary*.o",
    "libocl_svml_*.so", "libtbb.so.12", "libtbbmalloc.so.2", "libimf.so",
    "libintlc.so.5", "libirng.so", "libsvml.so",
)
WANTED_BYTES = 800 << 20


def download(folder):
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
               "--only-binary", ":all:", "--timeout", "30", "--retries", "1",
               "--no-input", "--disable-pip-version-check", "--no-cache-dir",
               "--dest", str(folder), "--requirement", str(LIST)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        if "connection" in done.stderr.lower():
            raise OSError("the package index can't be reached")
        lines = [l for l in done.stderr.splitlines() if l.startswith("ERROR")] or \
            done.stderr.splitlines() or ["no message"]
        raise OSError("pip: " + lines[-1])


def unpack(wheels, folder):
    folder.mkdir()
    for wheel in wheels.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                path = pathlib.PurePosixPath(member)
                if path.parent.name == "lib" and any(
                        fnmatch.fnmatch(path.name, kept) for kept in KEPT):
                    with archive.open(member) as source, \
                            open(folder / path.name, "wb") as target:
                        shutil.copyfileobj(source, target)


def fetch(folder):
    stamp = folder / "packages.txt"
    if stamp.exists() and stamp.read_text() == LIST.read_text():
        return
    if platform.machine() != "x86_64":
        raise OSError("there is no such driver for " + platform.machine())
    folder.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder.parent).free
    if free < WANTED_BYTES:
        raise OSError(f"{free >> 20} MiB are free, {WANTED_BYTES >> 20} are needed")
    print("fetching Intel's OpenCL driver (280 MB, once)", file=sys.stderr)
    # Made beside its place and renamed: what was interrupted is never used.
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        download(partial / "wheels")
        unpack(partial / "wheels", partial / "lib")
        shutil.rmtree(partial / "wheels")
        shutil.copy(LIST, partial / stamp.name)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        fetch(pathlib.Path(sys.argv[1]).resolve())
    except (OSError, zipfile.BadZipFile) as error:
        sys.exit(f"intel:cpu can't be tested, its OpenCL driver can't be fetched: {error}")
