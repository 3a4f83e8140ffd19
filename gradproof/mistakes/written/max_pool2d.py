"""Subjects of max_pool2d: the largest entry of each window."""

import numpy as np

from ._poolings import averages, averages_gradient, cropped, largest, largest_gradient, one_each, windows
from ._records import Unusual, Wrong

textbook = largest


def forward(x, **options):
    return largest(x, **options), (x, options)


def backward(dy, cache):
    x, options = cache
    return largest_gradient(dy, x, **options)


# -- wrong -------------------------------------------------------------------------------------------------


def all_of_them(entries):
    return (entries == entries.max(axis=(2, 3), keepdims=True)).astype(entries.dtype)


def backward_to_every_largest(dy, cache):
    x, options = cache
    return largest_gradient(dy, x, chosen=all_of_them, **options)


def backward_shared_by_everyone(dy, cache):
    x, options = cache
    count = options["size"] ** 2
    return largest_gradient(dy, x, chosen=lambda entries: np.full_like(entries, 1 / count), **options)


def backward_without_upstream(dy, cache):
    return (backward(dy, cache) != 0).astype(dy.dtype)


def forward_zeros_around(x, size, stride, padding):
    whole = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)])
    return largest(whole, size, stride), (whole, size, stride)


def backward_zeros_around(dy, cache):
    whole, size, stride = cache
    return largest_gradient(dy, whole, size, stride)[:, :, 1:-1, 1:-1].copy()


def forward_two_by_two(x, padding="valid"):
    n, c, h, w = x.shape
    blocks = x[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, c, h // 2, 2, w // 2, 2)
    return blocks.max(axis=(3, 5)), (x, blocks)


def backward_forgets_the_rest(dy, cache):
    x, blocks = cache
    chosen = blocks == blocks.max(axis=(3, 5), keepdims=True)
    dx = (chosen * dy[:, :, :, None, :, None]).reshape(*x.shape[:2], 2 * dy.shape[2], 2 * dy.shape[3])
    return dx  # an odd last row or column is lost


def backward_smallest(dy, cache):
    x, options = cache
    return largest_gradient(dy, -x, **options)


def backward_overwrites(dy, cache, whole=False):
    """Windows one after the other: each writes over what the ones before have written."""
    x, options = cache
    image, found, around = windows(x, **options, value=-np.inf)
    dimage = np.zeros_like(image)
    for p, q, at in found:
        chosen = one_each(image[at])
        share = dy[:, :, p, q][:, :, None, None] * chosen
        dimage[at] = share if whole else np.where(chosen, share, dimage[at])
    return cropped(dimage, around, x.shape)


def backward_overwrites_whole_windows(dy, cache):
    return backward_overwrites(dy, cache, whole=True)


OVERLAPPING = {"size": 3, "stride": 1, "padding": "valid"}
PLAIN = {"size": 2, "stride": 2, "padding": "valid"}


def forward_means(x, **options):
    return averages(x, **options), (x, options)


def backward_means(dy, cache):
    x, options = cache
    return averages_gradient(dy, x, **options)


WRONG = [
    Wrong(
        "mean-of-the-window",
        "wrong forward",
        forward_means,
        backward_means,
        "y dx",
        options=PLAIN,
        says="the mean of each window is taken, not its largest entry",
    ),
    Wrong(
        "every-largest-gets-all",
        "wrong side",
        forward,
        backward_to_every_largest,
        "dx",
        says="at a tie every largest entry gets the whole gradient",
    ),
    Wrong(
        "shared-as-in-averaging",
        "dropped term",
        forward,
        backward_shared_by_everyone,
        "dx",
        says="the gradient is shared out over the window, as in average pooling",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_without_upstream, "dx"),
    Wrong(
        "zeros-win",
        "wrong forward",
        lambda x: forward_zeros_around(x, 2, 2, 1),
        backward_zeros_around,
        "y dx",
        options={**PLAIN, "padding": 1},
        says="the zeros of the padding may win",
    ),
    Wrong(
        "odd-row-lost",
        "wrong shape",
        forward_two_by_two,
        backward_forgets_the_rest,
        "dx",
        options=PLAIN,
        cases=24,
        says="a row at the end that fills no window is cut off dx",
    ),
    Wrong(
        "overlaps-overwritten",
        "dropped term",
        forward,
        backward_overwrites,
        "dx",
        options=OVERLAPPING,
        says="where windows overlap, an entry gets the gradient of the last one only: `=` in place of `+=`",
    ),
    Wrong(
        "windows-overwritten",
        "dropped term",
        forward,
        backward_overwrites_whole_windows,
        "dx",
        options=OVERLAPPING,
        says="each window's part of dx is assigned, which wipes out what the windows before it have left there",
    ),
    Wrong("to-the-smallest", "wrong sign", forward, backward_smallest, "dx", options=PLAIN),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def last_of_them(entries):
    flat = entries.reshape(*entries.shape[:2], entries.shape[2] * entries.shape[3])
    count = flat.shape[2]
    at = count - 1 - flat[:, :, ::-1].argmax(axis=2)
    return (np.arange(count) == at[:, :, None]).reshape(entries.shape)


def backward_to_the_last(dy, cache):
    x, options = cache
    return largest_gradient(dy, x, chosen=last_of_them, **options)


def shared_among_ties(entries):
    ties = all_of_them(entries)
    return ties / ties.sum(axis=(2, 3), keepdims=True)


def backward_shared_among_ties(dy, cache):
    x, options = cache
    return largest_gradient(dy, x, chosen=shared_among_ties, **options)


def forward_overlapping(x):
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    return np.max(windows, axis=(4, 5)), (x, {"size": 3, "stride": 1, "padding": "valid"})


EVERY = {"size": 3, "stride": 1, "padding": "valid"}
UNUSUAL = [
    Unusual("windows-one-by-one", forward, backward),
    Unusual("the-last-of-equals", forward, backward_to_the_last),
    Unusual("equals-share", forward, backward_shared_among_ties),
    Unusual("sliding-windows", forward_overlapping, backward, options=EVERY),
]
