# Ctrl-C ends a running kernel: one of many programs, one that waits for another,
# one that just takes long; and the shell sees that it was the signal.
# RUN: %python %s %S/Inputs/endless.py
import signal
import subprocess
import sys
import time

kernels = sys.argv[1]
# A test that runs in the background ignores the signal, and so would its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
for kernel in ("many", "waits", "long"):
    run = ["tegula", "run", f"{kernels}::{kernel}", "--target", "cpu"]
    # Compiled before, so that the signal meets the launch; here it ends by itself.
    subprocess.run([*run, "out=randint:i32:1:5:6", "--grid", "1"], check=True)
    process = subprocess.Popen([*run, "out=zeros:i32:1", "--grid", "2147483647"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    message = process.communicate(timeout=60)[1]
    assert process.returncode == -signal.SIGINT, (kernel, process.returncode, message)
    assert "interrupted" in message, (kernel, message)
    assert "PLEASE submit" not in message and "Stack dump" not in message, message
