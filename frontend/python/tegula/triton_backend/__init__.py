"""Stock Triton's backend `cpu`. Triton finds it by the entry point
`triton.backends` and asks `compiler` for a BaseBackend and `driver` for a
DriverBase."""
