"""Poolings by loops over every window: what the subjects of all poolings are made of."""

import numpy as np

from ._convolutions import margins, padded, places


def windows(x, size, stride, padding, value):
    """Each window as (p, q, its entries (N, C, size, size), their index in the padded array); and that array."""
    around = margins(x.shape[2:], (size, size), stride, padding)
    image = padded(x, around, value)
    found = [(p, q, (slice(None), slice(None), rows, columns))
             for p, q, rows, columns in places(image.shape[2:], (size, size), stride)]  # fmt: skip
    return image, found, around


def largest(x, size=2, stride=2, padding="valid"):
    """The largest entry, one window at a time."""
    image, found, _ = windows(x, size, stride, padding, -np.inf)
    y = np.zeros((*x.shape[:2], found[-1][0] + 1, found[-1][1] + 1), dtype=x.dtype)
    for p, q, at in found:
        y[:, :, p, q] = image[at].max(axis=(2, 3))
    return y


def averages(x, size=2, stride=2, padding="valid", count_padding=False):
    """The mean, one window at a time."""
    image, found, around = windows(x, size, stride, padding, 0)
    counted = np.ones_like(image) if count_padding else padded(np.ones_like(x), around)
    y = np.zeros((*x.shape[:2], found[-1][0] + 1, found[-1][1] + 1), dtype=x.dtype)
    for p, q, at in found:
        y[:, :, p, q] = image[at].sum(axis=(2, 3)) / counted[at].sum(axis=(2, 3))
    return y


def cropped(dimage, around, shape):
    (top, _), (left, _) = around
    return dimage[:, :, top : top + shape[2], left : left + shape[3]].copy()


def one_each(entries, last=False):
    """True at the first (or the last) of the largest entries of each window (N, C, size, size)."""
    flat = entries.reshape(*entries.shape[:2], entries.shape[2] * entries.shape[3])
    count = flat.shape[2]
    at = count - 1 - flat[:, :, ::-1].argmax(axis=2) if last else flat.argmax(axis=2)
    return (np.arange(count) == at[:, :, None]).reshape(entries.shape)


def largest_gradient(dy, x, size=2, stride=2, padding="valid", chosen=one_each):
    """dx of `largest`; `chosen` says how a window's gradient is shared out."""
    image, found, around = windows(x, size, stride, padding, -np.inf)
    dimage = np.zeros_like(image)
    for p, q, at in found:
        dimage[at] += dy[:, :, p, q][:, :, None, None] * chosen(image[at])
    return cropped(dimage, around, x.shape)


def averages_gradient(dy, x, size=2, stride=2, padding="valid", count_padding=False):
    """dx of `averages`."""
    image, found, around = windows(x, size, stride, padding, 0)
    counted = np.ones_like(image) if count_padding else padded(np.ones_like(x), around)
    dimage = np.zeros_like(image)
    for p, q, at in found:
        share = dy[:, :, p, q] / counted[at].sum(axis=(2, 3))
        dimage[at] += share[:, :, None, None]
    return cropped(dimage, around, x.shape)
