import triton
import triton.language as tl


@triton.jit
def conv2d_kernel(
    x,
    weight,
    bias,
    y,
    batch,
    channels,
    height,
    width,
    out_channels,
    out_height,
    out_width,
    stride,
    padding,
    R: tl.constexpr,
    S: tl.constexpr,
    BLOCK_M: tl.constexpr,
    BLOCK_N: tl.constexpr,
    BLOCK_K: tl.constexpr,
    PRECISION: tl.constexpr,
):
    # As a matrix product: rows are output pixels of all images, columns are
    # output channels, and the sum runs over (channel, r, s).
    out_pixels = out_height * out_width
    rows = tl.program_id(0) * BLOCK_M + tl.arange(0, BLOCK_M)
    outs = tl.program_id(1) * BLOCK_N + tl.arange(0, BLOCK_N)
    image = rows // out_pixels
    pixel = rows % out_pixels
    top = pixel // out_width * stride - padding
    left = pixel % out_width * stride - padding
    row_mask = rows < batch * out_pixels
    depth = channels * R * S

    acc = tl.zeros((BLOCK_M, BLOCK_N), dtype=tl.float32)
    for start in range(0, depth, BLOCK_K):
        ks = start + tl.arange(0, BLOCK_K)
        channel = ks // (R * S)
        h = top[:, None] + (ks // S % R)[None, :]
        w = left[:, None] + (ks % S)[None, :]
        inside = (h >= 0) & (h < height) & (w >= 0) & (w < width)
        x_mask = inside & row_mask[:, None] & (ks < depth)[None, :]
        plane = image[:, None] * channels + channel[None, :]
        x_tile = tl.load(x + (plane * height + h) * width + w, mask=x_mask, other=0.0)
        w_mask = (ks < depth)[:, None] & (outs < out_channels)[None, :]
        w_tile = tl.load(
            weight + outs[None, :] * depth + ks[:, None], mask=w_mask, other=0.0
        )
        acc = tl.dot(x_tile, w_tile, acc, input_precision=PRECISION)

    acc += tl.load(bias + outs, mask=outs < out_channels, other=0.0)[None, :]
    offsets = (image[:, None] * out_channels + outs[None, :]) * out_pixels + pixel[
        :, None
    ]
    mask = row_mask[:, None] & (outs < out_channels)[None, :]
    tl.store(y + offsets, acc.to(y.dtype.element_ty), mask=mask)
