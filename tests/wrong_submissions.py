"""Wrong submissions made from the catalogue of mistakes: a mistaken pair in an assignment's own conventions.

Each is a text that stands alone: the mistake's functions, and around them the functions that the assignment asks for.
The written mistakes come first, then some derived ones; always the same ones in the same order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradproof.mistakes.catalogue import Mistake, Written, written_of
from gradproof.mistakes.derived import mutants
from reference import operations
from tests.submission_corpus import Submission
from tests.wrong_flattened import Nameless, flattened

DERIVED = 3  # of each operation of each assignment

# What a mistake is called by: any number of inputs and options, one of which it may not take.
CALLING = """

TAKEN = {taken!r}


def pair_forward(*inputs, **options):
    return {forward}(*inputs, **{{name: value for name, value in options.items() if name in TAKEN}})


def pair_backward(*given):
    found = {backward}(*given)
    if isinstance(found, dict):
        return tuple(found.values())
    return tuple(found) if isinstance(found, (tuple, list)) else (found,)


"""

LOSS = """
def {name}({arguments}):
    y, cache = pair_forward({inputs})
    {gradients} = pair_backward(np.array(1.0), cache)
    return y, {wanted}
"""
LAYER = """
def {name}_forward({inputs}):
    return pair_forward({inputs})


def {name}_backward(dout, cache):
    return pair_backward(dout, cache){only}
"""


def _layer(name: str, inputs: str) -> str:
    return LAYER.format(name=name, inputs=inputs, only="[0]" if inputs == "x" else "")


def _loss(name: str, arguments: str, inputs: str, gradients: str, wanted: str) -> str:
    return LOSS.format(name=name, arguments=arguments, inputs=inputs, gradients=gradients, wanted=wanted)


LINEAR = ("W, X, y, reg", "X, W, y, reg=reg", "dX, dW", "dW")
AFFINE = """
def affine_forward(x, w, b):
    out, cache = pair_forward(x.reshape(len(x), -1), w, b)
    return out, (cache, x.shape)


def affine_backward(dout, cache):
    cache, shape = cache
    dx, dw, db = pair_backward(dout, cache)
    return dx.reshape(shape) if dx.size == np.prod(shape) else dx, dw, db
"""
BATCH_NORM = """
def batchnorm_forward(x, gamma, beta, bn_param):
    old = bn_param["running_mean"], bn_param["running_var"]
    options = dict(epsilon=bn_param["eps"], momentum=bn_param["momentum"], running="biased")
    out, bn_param["running_mean"], bn_param["running_var"], cache = pair_forward(x, gamma, beta, *old, **options)
    return out, cache


def batchnorm_backward(dout, cache):
    return pair_backward(dout, cache)
"""
SPATIAL = BATCH_NORM.replace("batchnorm_", "spatial_batchnorm_")
BATCH_NORM_TEST = """
def batchnorm_forward(x, gamma, beta, bn_param):
    old = bn_param["running_mean"], bn_param["running_var"]
    return pair_forward(x, gamma, beta, *old, epsilon=bn_param["eps"])
"""
LAYER_NORM = """
def layernorm_forward(x, gamma, beta, ln_param):
    return pair_forward(x, gamma, beta, epsilon=ln_param["eps"])


def layernorm_backward(dout, cache):
    return pair_backward(dout, cache)
"""
GROUP_NORM = """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return pair_forward(x, gamma.ravel(), beta.ravel(), groups=G, epsilon=gn_param["eps"])


def spatial_groupnorm_backward(dout, cache):
    dx, dgamma, dbeta = pair_backward(dout, cache)
    return dx, np.reshape(dgamma, (1, -1, 1, 1)), np.reshape(dbeta, (1, -1, 1, 1))
"""
DROPOUT = """
def dropout_forward(x, dropout_param):
    keep = np.random.rand(*x.shape) < dropout_param["p"]
    return pair_forward(x, keep, rate=1 - dropout_param["p"])


def dropout_backward(dout, cache):
    return pair_backward(dout, cache)[0]
"""
CONVOLUTION = """
def conv_forward_naive(x, w, b, conv_param):
    return pair_forward(x, w, b, stride=conv_param["stride"], padding=conv_param["pad"], dilation=1, groups=1)


def conv_backward_naive(dout, cache):
    return pair_backward(dout, cache)
"""
POOLING = """
def max_pool_forward_naive(x, pool_param):
    return pair_forward(x, size=pool_param["pool_height"], stride=pool_param["stride"], padding=0)


def max_pool_backward_naive(dout, cache):
    return pair_backward(dout, cache)[0]
"""
SGD = """
def sgd(w, dw, config=None):
    p = pair_forward(w, dw, lr=config["learning_rate"], weight_decay=0.0)
    return p[0] if isinstance(p, tuple) else p, config
"""
MOMENTUM = """
def sgd_momentum(w, dw, config=None):
    options = dict(lr=config["learning_rate"], momentum=config["momentum"], rate="inside", nesterov=False)
    w, config["velocity"], *_ = pair_forward(w, dw, config["velocity"], **options)
    return w, config
"""
RMSPROP = """
def rmsprop(w, dw, config=None):
    options = dict(lr=config["learning_rate"], rho=config["decay_rate"], eps=config["epsilon"], epsilon="outside")
    w, config["cache"], *_ = pair_forward(w, dw, config["cache"], **options)
    return w, config
"""
ADAM = """
def adam(w, dw, config=None):
    config["t"] += 1
    options = dict(step=config["t"], lr=config["learning_rate"], beta1=config["beta1"], beta2=config["beta2"])
    options.update(eps=config["epsilon"], epsilon="corrected")
    w, config["m"], config["v"], *_ = pair_forward(w, dw, config["m"], config["v"], **options)
    return w, config
"""
RNN = """
def rnn_forward(x, h0, Wx, Wh, b):
    y, h, cache = pair_forward(x, h0, Wx, Wh, b)
    return y, (cache, h.shape)


def rnn_backward(dh, cache):
    return pair_backward(dh, np.zeros(cache[1]), cache[0])
"""
LSTM_STEP = """
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    return pair_forward(x, prev_h, prev_c, Wx, Wh, b, gates="ifog")


def lstm_step_backward(dnext_h, dnext_c, cache):
    return pair_backward(dnext_h, dnext_c, cache)
"""
LSTM = """
def lstm_forward(x, h0, Wx, Wh, b):
    y, h, c, cache = pair_forward(x, h0, np.zeros_like(h0), Wx, Wh, b, gates="ifog")
    return y, (cache, h.shape)


def lstm_backward(dh, cache):
    zero = np.zeros(cache[1])
    dx, dh0, dc0, dWx, dWh, db = pair_backward(dh, zero, zero, cache[0])
    return dx, dh0, dWx, dWh, db
"""
EMBEDDING = """
def word_embedding_forward(x, W):
    return pair_forward(x, W)


def word_embedding_backward(dout, cache):
    return pair_backward(dout, cache)[0]
"""
CAPTIONING = """
class CaptioningRNN:
    NAMES = ("W_proj", "b_proj", "W_embed", "Wx", "Wh", "b", "W_vocab", "b_vocab")

    def __init__(self, word_to_idx, input_dim, wordvec_dim, hidden_dim, cell_type="rnn", dtype="float32"):
        self.cell_type = cell_type
        self.params = {}

    def loss(self, features, captions):
        weights = [self.params[name] for name in self.NAMES]
        loss, cache = pair_forward(features, captions, *weights, cell=self.cell_type)
        return loss, dict(zip(self.NAMES, pair_backward(np.array(1.0), cache)[-len(self.NAMES) :]))
"""
MULTI_HEAD = """
def multi_head_attention_forward(q, k, v, Wq, bq, Wk, Wv, bv, Wo, bo, mask, heads):
    return pair_forward(q, k, v, Wq, bq, Wk, Wv, bv, Wo, bo, mask, heads=heads)


def multi_head_attention_backward(dout, cache):
    return pair_backward(dout, cache)
"""
ENCODING = """
def positional_encoding_forward(x):
    return pair_forward(x)[0]


def positional_encoding_backward(dout):
    return pair_backward(dout, pair_forward(np.zeros_like(dout))[1])[0]
"""
VALUE = """
def {name}(x):
    return pair_forward(x{options})[0]
"""
BINARY = """
def binary_cross_entropy(target, p):
    return pair_forward(p, target, reduction="mean")[0]
"""
SQUARED = """
def mean_squared_error(target, prediction):
    return pair_forward(prediction, target, scale="half", reduction="mean")[0]
"""
UPDATE = """
def update(w, dw, alpha):
    p = pair_forward(w, dw, lr=alpha, weight_decay=0.0)
    return p[0] if isinstance(p, tuple) else p
"""
MULTIPLY = """
class MultiplyLayer:
    def forward(self, x, y):
        z, self.cache = pair_forward(np.asarray(x), np.asarray(y))
        return z

    def backward(self, dz):
        return pair_backward(np.asarray(dz), self.cache)
"""
EXPLICIT = """
def affine_forward(x, w, b):
    return pair_forward(x, w, b)[0]


def affine_backward(dv, x, w, b):
    return pair_backward(dv, pair_forward(x, w, b)[1])
"""

CONVENTIONS = {
    ("cs231n-a1", "svm-naive"): _loss("svm_loss_naive", *LINEAR),
    ("cs231n-a1", "softmax-naive"): _loss("softmax_loss_naive", *LINEAR),
    ("cs231n-a1", "affine"): AFFINE,
    ("cs231n-a1", "relu"): _layer("relu", "x"),
    ("cs231n-a1", "svm-loss"): _loss("svm_loss", "x, y", "x, y", "(dx,)", "dx"),
    ("cs231n-a1", "softmax-loss"): _loss("softmax_loss", "x, y", "x, y", "(dx,)", "dx"),
    ("cs231n-a2", "batchnorm"): BATCH_NORM,
    ("cs231n-a2", "batchnorm-test"): BATCH_NORM_TEST,
    ("cs231n-a2", "layernorm"): LAYER_NORM,
    ("cs231n-a2", "dropout"): DROPOUT,
    ("cs231n-a2", "conv"): CONVOLUTION,
    ("cs231n-a2", "max-pool"): POOLING,
    ("cs231n-a2", "spatial-batchnorm"): SPATIAL,
    ("cs231n-a2", "spatial-groupnorm"): GROUP_NORM,
    ("cs231n-a2", "sgd"): SGD,
    ("cs231n-a2", "sgd-momentum"): MOMENTUM,
    ("cs231n-a2", "rmsprop"): RMSPROP,
    ("cs231n-a2", "adam"): ADAM,
    ("cs231n-a3", "rnn-step"): _layer("rnn_step", "x, h, Wx, Wh, b"),
    ("cs231n-a3", "rnn"): RNN,
    ("cs231n-a3", "word-embedding"): EMBEDDING,
    ("cs231n-a3", "temporal-affine"): _layer("temporal_affine", "x, w, b"),
    ("cs231n-a3", "temporal-softmax"): _loss("temporal_softmax_loss", "x, y, mask", "x, y, mask", "(dx,)", "dx"),
    ("cs231n-a3", "lstm-step"): LSTM_STEP,
    ("cs231n-a3", "lstm"): LSTM,
    ("cs231n-a3", "captioning"): CAPTIONING,
    ("cs231n-a3", "attention"): _layer("attention", "q, k, v, mask"),
    ("cs231n-a3", "multi-head-attention"): MULTI_HEAD,
    ("cs231n-a3", "positional-encoding"): ENCODING,
    ("lecture-000", "sigmoid"): VALUE.format(name="sigmoid", options=""),
    ("lecture-000", "softmax"): VALUE.format(name="softmax", options=", axis=-1"),
    ("lecture-001", "error"): BINARY,
    ("lecture-001", "mse"): SQUARED,
    ("lecture-001", "update"): UPDATE,
    ("lecture-003", "multiply"): MULTIPLY,
    ("lecture-003", "affine"): EXPLICIT,
}
"""Tasks of the ready-made assignments that ask for an operation, and the functions that they ask for."""

OPERATIONS = {
    "svm-naive": "linear_svm_loss", "softmax-naive": "linear_softmax_loss", "svm-loss": "hinge",
    "softmax-loss": "softmax_cross_entropy", "batchnorm": "batch_norm", "batchnorm-test": "batch_norm_inference",
    "layernorm": "layer_norm", "dropout": "inverted_dropout", "conv": "conv2d", "max-pool": "max_pool2d",
    "spatial-batchnorm": "batch_norm", "spatial-groupnorm": "group_norm", "sgd-momentum": "momentum",
    "rnn-step": "rnn_cell", "word-embedding": "embedding", "temporal-affine": "temporal_affine",
    "temporal-softmax": "temporal_softmax_cross_entropy", "lstm-step": "lstm_cell", "captioning": "captioning_loss",
    "attention": "scaled_dot_product_attention", "multi-head-attention": "multi_head_attention",
    "positional-encoding": "positional_encoding", "error": "binary_cross_entropy", "mse": "squared_error",
    "update": "sgd",
}  # fmt: skip
"""Where a task has another name than its operation."""


@dataclass(frozen=True)
class Made:
    """A submission that holds one mistake, and the options that the assignment gives the operation."""

    submission: Submission
    task: str
    mistake: Mistake


def made(derived: int = DERIVED) -> Iterator[Made]:
    """Every written mistake in every task of its operation, and `derived` of the derived ones of each."""
    every = operations()
    for (assignment, task), convention in CONVENTIONS.items():
        op = every[OPERATIONS.get(task, task)]
        found = mutants(op)
        step = max(1, len(found) // max(derived, 1))
        for mistake in [*written_of(op), *found[step // 2 :: step][:derived]]:
            submission = _submission(assignment, task, convention, mistake)
            if submission is not None:
                yield Made(submission, task, mistake)


def _submission(assignment: str, task: str, convention: str, mistake: Mistake) -> Submission | None:
    """None where a mistake's functions have no name of their own."""
    try:
        text, forward, backward = flattened(mistake)
    except Nameless:
        return None
    taken = tuple(mistake.op.options)
    if isinstance(mistake, Written):
        taken = tuple(n for n in mistake.op.options if n in _parameters(mistake))
    calling = CALLING.format(taken=taken, forward=forward, backward=backward or "len")
    content = "\n".join([text, calling.strip("\n"), "", convention]).encode()
    name = f"{assignment}-{task}-{mistake.id.replace('/', '-')}"
    return Submission(name, assignment, (task,), (("submission.py", content),))


def _parameters(mistake: Written) -> set[str]:
    import inspect

    parameters = inspect.signature(mistake.wrong.forward).parameters
    anything = any(p.kind == p.VAR_KEYWORD for p in parameters.values())
    return set(mistake.op.options) if anything else set(parameters)
