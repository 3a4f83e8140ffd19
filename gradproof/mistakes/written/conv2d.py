"""Subjects of conv2d: two-dimensional convolution."""

import numpy as np

from ._convolutions import convolved, gradients, margins, padded, places
from ._records import Unusual, Wrong

textbook = convolved


def forward(x, w, b, **options):
    return convolved(x, w, b, **options), (x, w, options)


def backward(dy, cache):
    x, w, options = cache
    return gradients(dy, x, w, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def forward_turned_over(x, w, b, **options):
    return convolved(x, w[:, :, ::-1, ::-1], b, **options), (x, w, options)


def backward_turned_over(dy, cache):
    x, w, options = cache
    dx, dw, db = gradients(dy, x, w[:, :, ::-1, ::-1], **options)
    return dx, dw[:, :, ::-1, ::-1].copy(), db


def backward_dx_turned_over(dy, cache):
    x, w, options = cache
    return gradients(dy, x, w[:, :, ::-1, ::-1], **options)[0], *gradients(dy, x, w, **options)[1:]


def backward_db_mean(dy, cache):
    dx, dw, db = backward(dy, cache)
    return dx, dw, db / max(len(dy), 1)


def backward_db_last_example(dy, cache):
    dx, dw, _ = backward(dy, cache)
    return dx, dw, dy[-1].sum(axis=(1, 2)) if len(dy) else dy.sum(axis=(0, 2, 3))


def backward_without_overlaps(dy, cache):
    x, w, _ = cache
    dx = np.zeros_like(x)
    for p in range(dy.shape[2]):
        for q in range(dy.shape[3]):
            dx[:, :, p : p + w.shape[2], q : q + w.shape[3]] = np.tensordot(dy[:, :, p, q], w, axes=1)
    return dx, *backward(dy, cache)[1:]


def backward_assigns(dy, cache):
    """Loops over windows and kernels with `=` for `+=`: the last window, and the last kernel, are left."""
    x, w, options = cache
    stride, dilation, groups = (options.get(name, 1) for name in ("stride", "dilation", "groups"))
    around = margins(x.shape[2:], w.shape[2:], stride, options.get("padding", "valid"), dilation)
    image = padded(x, around)
    dimage, dw, channels = np.zeros_like(image), np.zeros_like(w), w.shape[1]
    for p, q, rows, columns in places(image.shape[2:], w.shape[2:], stride, dilation):
        for o in range(len(w)):
            first = o // (len(w) // groups) * channels
            part = (slice(None), slice(first, first + channels), rows, columns)
            dimage[part] = dy[:, o, p, q][:, None, None, None] * w[o]
            if len(dy):
                dw[o] = dy[-1, o, p, q] * image[part][-1]
    (top, _), (left, _) = around
    dx = dimage[:, :, top : top + x.shape[2], left : left + x.shape[3]].copy()
    return dx, dw, dy.sum(axis=(0, 2, 3))


def backward_dx_assigned(dy, cache):
    return backward_assigns(dy, cache)[0], *backward(dy, cache)[1:]


def backward_dw_assigned(dy, cache):
    dx, _, db = backward(dy, cache)
    return dx, backward_assigns(dy, cache)[1], db


def forward_same_pads_before(x, w, b, stride):
    around = [(after, before) for before, after in margins(x.shape[2:], w.shape[2:], stride, "same")]
    image = padded(x, around)
    return convolved(image, w, b, stride), (image, w, stride, around, x.shape)


def backward_same_pads_before(dy, cache):
    image, w, stride, ((top, _), (left, _)), shape = cache
    dx, dw, db = gradients(dy, image, w, stride)
    return dx[:, :, top : top + shape[2], left : left + shape[3]].copy(), dw, db


def backward_groups_ignored(dy, cache):
    x, w, options = cache
    swapped = np.roll(x, x.shape[1] // 2, axis=1)
    return gradients(dy, x, w, **options)[0], *gradients(dy, swapped, w, **options)[1:]


def backward_dilation_ignored(dy, cache):
    x, w, _ = cache
    rows, columns = dy.shape[2] + w.shape[2] - 1, dy.shape[3] + w.shape[3] - 1
    return gradients(dy, x, w, dilation=2)[0], *gradients(dy, x[:, :, :rows, :columns], w)[1:]


PLAIN = {"stride": 1, "padding": "valid", "dilation": 1, "groups": 1}
GROUPS = {**PLAIN, "groups": 2}
DILATED = {**PLAIN, "dilation": 2}
SAME = {**PLAIN, "padding": "same"}


def forward_plain(x, w, b):
    return convolved(x, w, b), (x, w, {})


def forward_groups(x, w, b):
    return convolved(x, w, b, groups=2), (x, w, {"groups": 2})


def forward_dilated(x, w, b):
    return convolved(x, w, b, dilation=2), (x, w, {"dilation": 2})


def forward_same(x, w, b):
    return forward_same_pads_before(x, w, b, 1)


WRONG = [
    Wrong("kernel-turned-over", "wrong forward", forward_turned_over, backward_turned_over, "y dx dw"),
    Wrong(
        "dx-with-the-kernel-turned-over",
        "transposed",
        forward,
        backward_dx_turned_over,
        "dx",
        says="dx uses the kernel turned over",
    ),
    Wrong("db-mean-instead-of-sum", "wrong n", forward, backward_db_mean, "db"),
    Wrong(
        "db-of-the-last-example",
        "one row only",
        forward,
        backward_db_last_example,
        "db",
        says="db is that of the last example only",
    ),
    Wrong(
        "dx-overwrites-overlaps",
        "dropped term",
        forward_plain,
        backward_without_overlaps,
        "dx",
        options=PLAIN,
        says="where windows overlap, dx is overwritten, not added up",
    ),
    Wrong(
        "dx-assigned-in-the-loop",
        "dropped term",
        forward,
        backward_dx_assigned,
        "dx",
        says="dx is assigned in the loop over windows and kernels, not added up, so each entry keeps the last one's",
    ),
    Wrong(
        "dw-assigned-in-the-loop",
        "one row only",
        forward,
        backward_dw_assigned,
        "dw",
        says="dw is assigned in the loop over windows, not added up, so the last window of the last example is left",
    ),
    Wrong(
        "odd-zero-before",
        "off by one",
        forward_same,
        backward_same_pads_before,
        "y dx dw",
        options=SAME,
        says="the odd row or column of padding stands before, not after",
    ),
    Wrong(
        "groups-crossed-in-dw",
        "wrong option",
        forward_groups,
        backward_groups_ignored,
        "dw",
        options=GROUPS,
        says="dw takes the channels of another group",
    ),
    Wrong(
        "dw-without-dilation",
        "wrong option",
        forward_dilated,
        backward_dilation_ignored,
        "dw",
        options=DILATED,
        says="dw ignores the dilation",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_by_offsets(x, w, b):
    rows, columns = x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1
    y = b[None, :, None, None] * np.ones((len(x), 1, rows, columns), dtype=x.dtype)
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):  # noqa: E741 - as in the formula
            y = y + np.einsum("nchw,oc->nohw", x[:, :, k : k + rows, l : l + columns], w[:, :, k, l])
    return y, (x, w)


def backward_as_a_convolution(dy, cache):
    """dx is the full convolution of dy with the kernels turned over, dw a convolution of x by dy."""
    x, w = cache
    up, left = w.shape[2] - 1, w.shape[3] - 1
    around = padded(dy, [(up, up), (left, left)])
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    dx = convolved(around, turned, np.zeros(x.shape[1], dtype=x.dtype))
    windows = np.lib.stride_tricks.sliding_window_view(x, dy.shape[2:], axis=(2, 3))
    return dx, np.einsum("nckluv,nouv->ockl", windows, dy), np.einsum("nohw->o", dy)


UNUSUAL = [
    Unusual("windows-one-by-one", forward, backward),
    Unusual("kernel-offsets-and-full-convolution", forward_by_offsets, backward_as_a_convolution, options=PLAIN),
]
