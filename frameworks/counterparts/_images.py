"""Layouts and margins that the counterparts of convolutions and poolings share.

Reference, PyTorch and JAX: channels after the examples (NCHW), kernels (out, in, *kernel). TensorFlow and its Keras on
the CPU: channels last (NHWC), kernels (*kernel, in, out).
"""


def margins(sizes, kernel, stride, padding, dilation=1):
    """Zeros before and after each axis, as the reference and TensorFlow count them: the odd one after."""
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding != "same":
        return [(padding, padding)] * len(kernel)
    reach = [(k - 1) * dilation + 1 for k in kernel]
    missing = [max((-(-n // stride) - 1) * stride + r - n, 0) for n, r in zip(sizes, reach, strict=True)]
    return [(m // 2, m - m // 2) for m in missing]


def symmetric(around):
    """Whether every axis has as many zeros before as after."""
    return all(before == after for before, after in around)


def for_torch(around):
    """Margins as torch.nn.functional.pad takes them: the last axis first."""
    return [n for each in reversed(around) for n in each]


def channels_last(transpose, x):
    """(N, C, *S) to (N, *S, C)."""
    return transpose(x, [0, *range(2, len(x.shape)), 1])


def channels_first(transpose, y):
    """(N, *S, C) to (N, C, *S)."""
    rank = len(y.shape)
    return transpose(y, [0, rank - 1, *range(1, rank - 1)])


def kernel_last(transpose, w):
    """(out, in, *kernel) to (*kernel, in, out)."""
    return transpose(w, [*range(2, len(w.shape)), 1, 0])


def kernel_first(transpose, w):
    """(*kernel, in, out) to (out, in, *kernel)."""
    rank = len(w.shape)
    return transpose(w, [rank - 1, rank - 2, *range(rank - 2)])


def depthwise_last(transpose, w):
    """(C, M, K, L) to (K, L, C, M)."""
    return transpose(w, [2, 3, 0, 1])
