"""A network with one hidden layer and its loss: what the lectures derive, composed of the other operations."""

from ._checks import check_labels, check_rank, check_shape
from ._domain import labels, real
from ._op import Op
from .affine import affine_backward, affine_forward
from .sigmoid import sigmoid_backward, sigmoid_forward
from .softmax_cross_entropy import softmax_cross_entropy_backward, softmax_cross_entropy_forward


def two_layer_network_forward(x, w1, b1, w2, b2, target):
    """Loss of a two-layer network: affine, sigmoid, affine, softmax cross-entropy, mean over the rows.

    x: (N, D); w1: (D, H); b1: (H,); w2: (H, C); b2: (C,), floating; target: (N,), labels 0 to C - 1.
    Returns the scalar loss and the cache. ValueError where a shape or a label does not fit.
    """
    _check_two_layer_network(x, w1, b1, w2, b2, target)
    v1, at_affine1 = affine_forward(x, w1, b1)
    h1, at_sigmoid = sigmoid_forward(v1)
    v2, at_affine2 = affine_forward(h1, w2, b2)
    loss, at_loss = softmax_cross_entropy_forward(v2, target)
    return loss, (at_affine1, at_sigmoid, at_affine2, at_loss)


def two_layer_network_backward(dloss, cache):
    """Gradients dx, dw1, db1, dw2, db2: each step's backward, last step first."""
    at_affine1, at_sigmoid, at_affine2, at_loss = cache
    (dv2,) = softmax_cross_entropy_backward(dloss, at_loss)
    dh1, dw2, db2 = affine_backward(dv2, at_affine2)
    (dv1,) = sigmoid_backward(dh1, at_sigmoid)
    dx, dw1, db1 = affine_backward(dv1, at_affine1)
    return dx, dw1, db1, dw2, db2


def _check_two_layer_network(x, w1, b1, w2, b2, target):
    check_rank("x", x, 2, "(N, D)")
    check_rank("w1", w1, 2, "(D, H)")
    check_rank("w2", w2, 2, "(H, C)")
    check_shape("w1", w1, (x.shape[1], w1.shape[1]), f"since x has shape {x.shape}")
    check_shape("b1", b1, (w1.shape[1],), f"since w1 has shape {w1.shape}")
    check_shape("w2", w2, (w1.shape[1], w2.shape[1]), f"since w1 has shape {w1.shape}")
    check_shape("b2", b2, (w2.shape[1],), f"since w2 has shape {w2.shape}")
    check_labels("target", target, x.shape[0], w2.shape[1])


OP = Op(
    name="two_layer_network",
    forward=two_layer_network_forward,
    backward=two_layer_network_backward,
    inputs=(
        real("x", "N D"),
        real("w1", "D H"),
        real("b1", "H"),
        real("w2", "H C"),
        real("b2", "C"),
        labels("target", "N", classes="C"),
    ),
    excluded={
        "huge": "every hidden unit saturates, and the gradients behind it underflow to zero",
        "offset": "logits of 1e8 and more round by whole units in float32: no digit of the loss is determined",
    },
    cite="Wu, Training of Multi-Layer Neural Network, '2_neural_network_classifier.jpynb'; "
    "Truong Ngoc Son, AI - Foundation and Application, Chapter 2: Back Propagation, 'Back-propagation'; "
    "ADF, Fakultas Informatika, Telkom University, Machine Learning: Backpropagation, 'Multi Layer Perceptron'; "
    "Goodfellow, Bengio, Courville, Deep Learning (2016), section 6.5.7",
)
