"""Initial weights: the variance that keeps signals and gradients of one size from layer to layer, and its three laws.

Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks (2010), eq. 12 and 16;
He, Zhang, Ren, Sun, Delving deep into rectifiers (2015), eq. 10; LeCun, Bottou, Orr, Mueller, Efficient backprop
(1998), section 4.6; Saxe, McClelland, Ganguli, Exact solutions to the nonlinear dynamics of learning (2014).
"""

import math

import numpy as np

RULES = {
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he": lambda fan_in, fan_out: 2 / fan_in,
    "lecun": lambda fan_in, fan_out: 1 / fan_in,
}
# The standard deviation of a standard normal number that is drawn again until it is within 2.
TRUNCATED = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


def fans(shape, layout="in out"):
    """(fan_in, fan_out) of weights: how many inputs an output has, and how many outputs an input has.

    layout: where the two channels stand; "in out" is last (dense (D, M), kernels (H, W, in, out)), "out in" is
    first (PyTorch). The other axes are the kernel's and count in both. ValueError for fewer than two axes.
    """
    if len(shape) < 2:
        raise ValueError(f"weights have shape {shape}; expected two axes or more, or there is no fan")
    if layout not in ("in out", "out in"):
        raise ValueError(f"layout={layout!r} is not known; one of 'in out', 'out in'")
    inputs, outputs = shape[-2:] if layout == "in out" else (shape[1], shape[0])
    field = math.prod(shape) // (inputs * outputs)
    return inputs * field, outputs * field


def scaled_std(rule, fan_in, fan_out, gain=1.0):
    """The standard deviation that a rule ("glorot", "he", "lecun") gives weights of these fans, times a gain."""
    if rule not in RULES:
        raise ValueError(f"rule={rule!r} is not known; one of {', '.join(map(repr, RULES))}")
    return gain * math.sqrt(RULES[rule](fan_in, fan_out))


def uniform(rng, shape, std):
    """Uniform weights of this standard deviation: between -sqrt(3) std and sqrt(3) std."""
    return rng.uniform(-1, 1, shape) * (math.sqrt(3) * std)


def normal(rng, shape, std):
    """Normal weights of this standard deviation."""
    return rng.standard_normal(shape) * std


def truncated_normal(rng, shape, std):
    """Normal weights drawn again while they are outside two of *their* deviations; `std` is the one that is left."""
    x = rng.standard_normal(shape)
    while (outside := np.abs(x) > 2).any():
        x[outside] = rng.standard_normal(int(outside.sum()))
    return x * (std / TRUNCATED)


def orthogonal(rng, shape, gain=1.0):
    """A matrix (rows, columns) with orthonormal rows or columns, whichever are fewer, times a gain.

    Of all such matrices with equal chance: the factor Q of a normal matrix, its columns' signs taken from R.
    """
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q = q * np.sign(np.diag(r))
    return gain * (q if rows >= columns else q.T)
