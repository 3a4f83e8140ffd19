"""Subjects of multiply: the gate that swaps its inputs on the way back."""

import numpy as np

from ._records import Unusual, Wrong


def forward(x, y):
    return x * y, (x, y)


def backward(dz, cache):
    x, y = cache
    return dz * y, dz * x


# -- wrong -------------------------------------------------------------------------------------------------


def forward_in_place(x, y):
    kept = (x.copy(), y)
    x *= y
    return x, kept


def backward_swapped(dz, cache):
    x, y = cache
    return dz * x, dz * y


def backward_wrong_sign(dz, cache):
    x, y = cache
    return dz * y, -dz * x


def backward_as_a_sum(dz, cache):
    return dz, dz


def backward_ignores_upstream(dz, cache):
    x, y = cache
    return y.copy(), x.copy()


def backward_one_gradient(dz, cache):
    _, y = cache
    return (dz * y,)


def backward_none(dz, cache):
    _, y = cache
    return dz * y, None


def backward_one_buffer(dz, cache):
    x, y = cache
    out = np.empty(np.shape(dz), dtype=dz.dtype)
    dx = np.multiply(dz, y, out=out)
    dy = np.multiply(dz, x, out=out)
    return dx, dy


def backward_scales_cotangent_in_place(dz, cache):
    x, y = cache
    dx = dz * y
    dz *= x
    return dx, dz.copy()


def backward_mean_of_upstream(dz, cache):
    x, y = cache
    up = dz.mean() if dz.size else dz
    return up * y, dz * x


WRONG = [
    Wrong("swapped", "swapped", forward, backward_swapped, "dx dy", "beyond-allowance"),
    Wrong("wrong-sign", "wrong sign", forward, backward_wrong_sign, "dy", "beyond-allowance"),
    Wrong(
        "as-a-sum",
        "aliasing",
        forward,
        backward_as_a_sum,
        "dx dy",
        "alias",
        says="both gradients are dy itself, as in a sum",
    ),
    Wrong("ignores-upstream", "ignores upstream", forward, backward_ignores_upstream, "dx dy", "not-linear"),
    Wrong("mean-of-upstream", "ignores upstream", forward, backward_mean_of_upstream, "dx", "beyond-allowance"),
    Wrong(
        "one-gradient",
        "missing gradient",
        forward,
        backward_one_gradient,
        "dx",
        "missing",
        says="only one gradient is returned",
    ),
    Wrong(
        "gradient-none",
        "missing gradient",
        forward,
        backward_none,
        "dy",
        "missing",
        says="one gradient is None",
    ),
    Wrong(
        "one-buffer-for-both",
        "aliasing",
        forward,
        backward_one_buffer,
        "dx dy",
        "alias",
        says="both gradients lie in one buffer",
    ),
    Wrong(
        "product-into-x",
        "changes in place",
        forward_in_place,
        backward,
        "z",
        "mutated-input",
        besides="dx dy",
        says="the product is written into x",
    ),
    Wrong(
        "product-into-cotangent",
        "changes in place",
        forward,
        backward_scales_cotangent_in_place,
        "dx",
        "mutated-cotangent",
        says="the backward writes into dy",
    ),
]


# -- right, but unusual --------------------------------------------------------------------------------------


def forward_loop(x, y):
    z = np.zeros(x.shape, dtype=x.dtype)
    for index in np.ndindex(x.shape):
        z[index] = x[index] * y[index]
    return z, {"x": x, "y": y}


def backward_loop(dz, cache):
    dx, dy = np.zeros_like(dz), np.zeros_like(dz)
    for index in np.ndindex(dz.shape):
        dx[index] += dz[index] * cache["y"][index]
        dy[index] += dz[index] * cache["x"][index]
    return dx, dy


def forward_einsum(x, y):
    return np.einsum("...,...->...", x, y), (x, y)


def backward_two_halves(dz, cache):
    both = np.empty((2, *dz.shape), dtype=dz.dtype)
    np.multiply(dz, cache[1], out=both[0, ...])
    np.multiply(dz, cache[0], out=both[1, ...])
    return both[0, ...], both[1, ...]


def backward_fortran(dz, cache):
    x, y = cache
    return np.array(dz * y, order="F"), np.array(dz * x, order="F")


def backward_list(dz, cache):
    x, y = cache
    return [y * dz, x * dz]


def forward_alone(x, y):
    return x * y


def backward_of_inputs(dz, x, y):
    return {"dy": dz * x, "dx": dz * y}


class Gate:
    """A gate as an object; its cache still travels through the calls."""

    def forward(self, x, y):
        return np.multiply(x, y), (x, y)

    def backward(self, dz, cache):
        x, y = cache
        return np.multiply(dz, y), np.multiply(dz, x)


gate = Gate()

UNUSUAL = [
    Unusual("loop-with-preallocated-zeros", forward_loop, backward_loop),
    Unusual("einsum-and-two-halves-of-one-array", forward_einsum, backward_two_halves),
    Unusual("fortran-order", forward, backward_fortran),
    Unusual("gradients-in-a-list", forward, backward_list),
    Unusual("no-cache-and-gradients-in-a-dict", forward_alone, backward_of_inputs),
    Unusual("bound-methods", gate.forward, gate.backward),
]
