import triton
import triton.language as tl


@triton.jit
def attend(
    acc,
    total,
    largest,
    q_tile,
    k_tile,
    v_tile,
    rows,
    seq_k,
    stride_ks,
    stride_vs,
    begin,
    end,
    BLOCK_N: tl.constexpr,
    MASKED: tl.constexpr,
    CAUSAL: tl.constexpr,
    PRECISION: tl.constexpr,
):
    for start in range(begin, end, BLOCK_N):
        cols = start + tl.arange(0, BLOCK_N)
        if MASKED:
            keys = tl.load(
                k_tile + start * stride_ks, mask=cols[None, :] < seq_k, other=0.0
            )
            values = tl.load(
                v_tile + start * stride_vs, mask=cols[:, None] < seq_k, other=0.0
            )
        else:
            keys = tl.load(k_tile + start * stride_ks)
            values = tl.load(v_tile + start * stride_vs)
        scores = tl.dot(q_tile, keys, input_precision=PRECISION)
        if MASKED:
            visible = cols[None, :] < seq_k
            if CAUSAL:
                visible = visible & (rows[:, None] >= cols[None, :])
            scores = tl.where(visible, scores, -float("inf"))

        now_largest = tl.maximum(largest, tl.max(scores, axis=1))
        weights = tl.exp2(scores - now_largest[:, None])
        shrink = tl.exp2(largest - now_largest)
        total = total * shrink + tl.sum(weights, axis=1)
        acc = acc * shrink[:, None]
        acc = tl.dot(weights.to(values.dtype), values, acc, input_precision=PRECISION)
        largest = now_largest
    return acc, total, largest


@triton.jit
def attention_kernel(
    q,
    k,
    v,
    out,
    lse,
    scale,
    seq_q,
    seq_k,
    kv_group,
    stride_qh,
    stride_qs,
    stride_kh,
    stride_ks,
    stride_vh,
    stride_vs,
    stride_oh,
    stride_os,
    HEAD_DIM: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    CAUSAL: tl.constexpr,
    PRECISION: tl.constexpr,
):
    block = tl.program_id(0)
    head = tl.program_id(1).to(tl.int64)
    head_kv = head // kv_group
    rows = block * BLOCK_M + tl.arange(0, BLOCK_M)
    cols = tl.arange(0, BLOCK_N)
    dims = tl.arange(0, HEAD_DIM)

    # Softmax in base 2: log2(e) goes into the scale of the queries.
    q_tile = q + head * stride_qh + rows[:, None] * stride_qs + dims[None, :]
    queries = tl.load(q_tile, mask=rows[:, None] < seq_q, other=0.0)
    queries = (queries * (scale * 1.4426950408889634)).to(q.dtype.element_ty)
    k_tile = k + head_kv * stride_kh + cols[None, :] * stride_ks + dims[:, None]
    v_tile = v + head_kv * stride_vh + cols[:, None] * stride_vs + dims[None, :]

    acc = tl.zeros([BLOCK_M, HEAD_DIM], dtype=tl.float32)
    total = tl.zeros([BLOCK_M], dtype=tl.float32)
    largest = tl.full([BLOCK_M], -float("inf"), dtype=tl.float32)

    # Blocks that need no mask first, then those at the diagonal and the end.
    end = seq_k
    full = seq_k
    if CAUSAL:
        end = min(seq_k, (block + 1) * BLOCK_M)
        full = min(seq_k, block * BLOCK_M)
    full = full // BLOCK_N * BLOCK_N
    acc, total, largest = attend(
        acc,
        total,
        largest,
        queries,
        k_tile,
        v_tile,
        rows,
        seq_k,
        stride_ks,
        stride_vs,
        0,
        full,
        BLOCK_N,
        False,
        CAUSAL,
        PRECISION,
    )
    acc, total, largest = attend(
        acc,
        total,
        largest,
        queries,
        k_tile,
        v_tile,
        rows,
        seq_k,
        stride_ks,
        stride_vs,
        full,
        end,
        BLOCK_N,
        True,
        CAUSAL,
        PRECISION,
    )

    acc = acc / total[:, None]
    tl.store(
        lse + head * seq_q + rows,
        (largest + tl.log2(total)) * 0.6931471805599453,
        mask=rows < seq_q,
    )
    o_tile = out + head * stride_oh + rows[:, None] * stride_os + dims[None, :]
    tl.store(o_tile, acc.to(out.dtype.element_ty), mask=rows[:, None] < seq_q)
