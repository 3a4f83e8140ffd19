"""The lecture's library of activation functions and their derivatives, as it means them; beside it what it prints.

Names are the lecture's, but for `ReLUDerivative`, which it spells `ReLUDervivative`.
"""

import numpy as np

from gradproof.reference.relu import relu_backward, relu_forward
from gradproof.reference.sigmoid import sigmoid_backward, sigmoid_forward
from gradproof.reference.softmax import softmax_backward, softmax_forward

from .._system import Gradient, Outcome, Run, System
from ._points import normal


def ReLU(Z):
    """max(0, Z), elementwise: Z (m, n), m samples of a mini-batch and n neurons; returns (m, n)."""
    return np.maximum(0, Z)


def ReLUDerivative(Z):
    """1 where Z > 0, else 0: (m, n) of Z (m, n), which stays as it is."""
    return np.multiply(Z > 0, np.ones_like(Z))


def Sigmoid(Z):
    """1 / (1 + exp(-Z)), elementwise, (m, n). Below -709 (-88 in float32) exp overflows; 0 comes out all the same."""
    return np.divide(1, np.add(1, np.exp(-Z)))


def SigmoidDerivative(Z):
    """sigma(Z) (1 - sigma(Z)), (m, n), of Z (m, n): what went into the sigmoid, not what came out."""
    return np.multiply(Sigmoid(Z), np.subtract(1, Sigmoid(Z)))


def Softmax(Z):
    """exp(Z) over its sum in each row: Z (m, n); returns (m, n), each row with the sum 1."""
    ExpVals = np.exp(np.subtract(Z, np.max(Z, axis=-1, keepdims=True)))
    return np.divide(ExpVals, np.sum(ExpVals, axis=-1, keepdims=True))


def SoftmaxDerivative(Z):
    """The Jacobian of softmax for each sample: Z (m, n); returns (m, n, n), entry i, j, k being ds_ij / dz_ik."""
    s = Softmax(Z)
    a = np.eye(s.shape[-1], dtype=s.dtype)
    Temp1 = np.einsum("ij,jk->ijk", s, a)
    Temp2 = np.einsum("ij,ik->ijk", s, s)
    return np.subtract(Temp1, Temp2)


def relu_derivative_as_printed(Z):
    Z[Z <= 0.0] = 0.0
    Z[Z > 0.0] = 1.0


def sigmoid_derivative_as_printed(Z):
    return np.multiply(Sigmoid(Z), np.sub(1.0, Sigmoid(Z)))


def softmax_as_printed(Z):
    ExpVals = np.exp(np.subtract(Z, np.max(Z)))
    ExpValSum = np.sum(ExpVals)
    return np.divide(ExpVals, ExpValSum)


def through(derivative):
    """A backward from a derivative by elements: dZ = dA o derivative(Z)."""
    return lambda dA, Z: (np.multiply(dA, derivative(Z)),)


def softmax_through_jacobian(dA, Z):
    """dZ_ik = sum_j dA_ij ds_ij / dz_ik, sample by sample."""
    return (np.einsum("ij,ijk->ik", dA, SoftmaxDerivative(Z)),)


# name: (function, backward through its derivative, the reference's forward and backward)
PAIRS = {
    "ReLU": (ReLU, through(ReLUDerivative), relu_forward, relu_backward),
    "Sigmoid": (Sigmoid, through(SigmoidDerivative), sigmoid_forward, sigmoid_backward),
    "Softmax": (Softmax, softmax_through_jacobian, softmax_forward, softmax_backward),
}


def run(run: Run) -> Outcome:
    """Each function beside the reference on one mini-batch of 5 samples and 4 neurons, then the printed forms."""
    Z, dA = np.random.default_rng(run.seed).standard_normal((2, 5, 4))
    kept = {"Z": Z, "SoftmaxDerivative": SoftmaxDerivative(Z)}
    lines = []
    for name, (function, backward, reference_forward, reference_backward) in PAIRS.items():
        y, cache = reference_forward(Z)
        (got,), (right,) = backward(dA, Z), reference_backward(dA, cache)
        kept |= {name: function(Z), f"dZ of {name}": got}
        apart = f"values by {np.abs(kept[name] - y).max():.1g}, gradients by {np.abs(got - right).max():.1g}"
        lines.append(f"{name:8} (5, 4) to {kept[name].shape}; apart from the reference: {apart}")
    lines.append(f"SoftmaxDerivative (5, 4) to {kept['SoftmaxDerivative'].shape}, a Jacobian for each sample")
    return Outcome((*lines, *_faults(Z)), kept)


def _faults(Z):
    changed = Z.copy()
    returned = relu_derivative_as_printed(changed)
    try:
        raised = f"runs: {sigmoid_derivative_as_printed(Z)}"
    except AttributeError as error:
        raised = f"raises {type(error).__name__}: {str(error).partition(';')[0]}"
    sums = softmax_as_printed(Z).sum(axis=1)
    one = np.abs(softmax_as_printed(Z[:1]) - Softmax(Z[:1])).max()
    return (
        f"printed ReLUDervivative writes over Z ({(changed != Z).sum()} of {Z.size} entries) and returns {returned}",
        f"printed SigmoidDerivative {raised}",
        f"printed Softmax divides by the whole batch's sum: rows sum to {' '.join(f'{s:.3f}' for s in sums)}, "
        f"which is right for a batch of one only ({one:.1g} apart)",
        "printed SoftmaxDerivative makes two arrays of zeros that it never reads, and is wrong through that Softmax",
    )


def _gradient(name):
    function, backward, *_ = PAIRS[name]

    def forward(Z):
        return function(Z), Z

    return Gradient(f"code_library_{name.lower()}", forward, backward, normal(Z=(5, 4)))


SYSTEM = System(
    name="code_library",
    lecture="002",
    headings=("Python Code Activation Function and Its derivatives",),
    summary="the library of ReLU, Sigmoid, Softmax and their derivatives",
    run=run,
    gradients=tuple(_gradient(name) for name in PAIRS),
)
