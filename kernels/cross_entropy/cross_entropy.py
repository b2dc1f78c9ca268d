import triton
import triton.language as tl


@triton.jit
def cross_entropy_kernel(
    logits,
    target,
    loss,
    lse,
    n_cols,
    stride,
    ignore_index,
    SMOOTHING: tl.constexpr,
    BLOCK: tl.constexpr,
):
    row = tl.program_id(0).to(tl.int64)
    logits += row * stride
    label = tl.load(target + row)
    if label == ignore_index:
        tl.store(loss + row, 0.0)
        tl.store(lse + row, 0.0)
        return

    # One pass over the row: a running maximum, and a sum of exponentials that is
    # rescaled whenever the maximum grows.
    largest = -float("inf")
    total = 0.0
    sum_logits = 0.0
    for start in range(0, n_cols, BLOCK):
        cols = start + tl.arange(0, BLOCK)
        mask = cols < n_cols
        value = tl.load(logits + cols, mask=mask, other=-float("inf")).to(tl.float32)
        if SMOOTHING > 0:
            sum_logits += tl.sum(tl.where(mask, value, 0.0), axis=0)
        previous = largest
        largest = tl.maximum(largest, tl.max(value, axis=0))
        total = total * tl.exp(previous - largest) + tl.sum(
            tl.exp(value - largest), axis=0
        )

    log_sum = largest + tl.log(total)
    label_logit = tl.load(logits + label).to(tl.float32)
    result = log_sum - label_logit
    if SMOOTHING > 0:
        smooth = log_sum - sum_logits / n_cols
        result = (1 - SMOOTHING) * result + SMOOTHING * smooth
    tl.store(loss + row, result)
    tl.store(lse + row, log_sum)
