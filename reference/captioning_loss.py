"""The loss of an image captioner: a recurrent network that starts from the image and predicts each next word."""

from ._checks import check_index, check_option, check_rank, check_shape
from ._domain import labels, real
from ._op import Op
from .affine import affine_backward, affine_forward
from .embedding import embedding_backward, embedding_forward
from .lstm import lstm_backward, lstm_forward
from .rnn import rnn_backward, rnn_forward
from .temporal_affine import temporal_affine_backward, temporal_affine_forward
from .temporal_softmax_cross_entropy import (
    temporal_softmax_cross_entropy_backward,
    temporal_softmax_cross_entropy_forward,
)

CELLS = ("rnn", "lstm")
NULL = 0  # the word that fills captions up: it is never predicted
GATE_ORDER = "ifog"


def captioning_loss_forward(features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell="rnn"):
    """Loss of a captioner, teacher-forced: image to initial state, words to vectors, rnn or lstm, scores, softmax.

    features: (N, D), of the images; captions: (N, T), words 0 to V - 1, T at least 2; w_proj: (D, H), b_proj: (H,);
    w_embed: (V, W); wx: (W, H), wh: (H, H), b: (H,), or four times H for the "lstm", gates in the order i, f, o, g;
    w_vocab: (H, V), b_vocab: (V,). The network reads captions[:, :-1] and is to predict captions[:, 1:]; word 0 is
    padding and not to be predicted. The sum over words is divided by N. Returns the scalar loss and the cache.
    ValueError where a shape or a word does not fit, and for an unknown cell.
    """
    _check_captions(features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell)
    inputs, target = captions[:, :-1], captions[:, 1:]
    h0, at_projection = affine_forward(features, w_proj, b_proj)
    words, at_embedding = embedding_forward(inputs, w_embed)
    if cell == "rnn":
        states, _, at_cell = rnn_forward(words, h0, wx, wh, b)
    else:
        states, _, _, at_cell = lstm_forward(words, h0, 0 * h0, wx, wh, b, GATE_ORDER)
    scores, at_scores = temporal_affine_forward(states, w_vocab, b_vocab)
    loss, at_loss = temporal_softmax_cross_entropy_forward(scores, target, target != NULL)
    return loss, (cell, h0, at_projection, at_embedding, at_cell, at_scores, at_loss)


def captioning_loss_backward(dloss, cache):
    """Gradients of features and of every weight, in the forward's order: each step's backward, last step first."""
    cell, h0, at_projection, at_embedding, at_cell, at_scores, at_loss = cache
    (dscores,) = temporal_softmax_cross_entropy_backward(dloss, at_loss)
    dstates, dw_vocab, db_vocab = temporal_affine_backward(dscores, at_scores)
    if cell == "rnn":
        dwords, dh0, dwx, dwh, db = rnn_backward(dstates, 0 * h0, at_cell)
    else:
        dwords, dh0, _, dwx, dwh, db = lstm_backward(dstates, 0 * h0, 0 * h0, at_cell)
    (dw_embed,) = embedding_backward(dwords, at_embedding)
    dfeatures, dw_proj, db_proj = affine_backward(dh0, at_projection)
    return dfeatures, dw_proj, db_proj, dw_embed, dwx, dwh, db, dw_vocab, db_vocab


def _check_captions(features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell):
    check_option("cell", cell, CELLS)
    check_rank("features", features, 2, "(N, D)")
    check_rank("captions", captions, 2, "(N, T)")
    check_rank("w_proj", w_proj, 2, "(D, H)")
    check_rank("w_embed", w_embed, 2, "(V, W)")
    words, size = w_embed.shape
    features_, units = features.shape[1], w_proj.shape[1]
    gates = units * (4 if cell == "lstm" else 1)
    check_shape("captions", captions, (len(features), captions.shape[1]), f"since features has shape {features.shape}")
    if captions.shape[1] < 2:
        raise ValueError(f"captions has shape {captions.shape}; expected two words at least on the axis T")
    check_index("captions", captions, words)
    check_shape("w_proj", w_proj, (features_, units), f"since features has shape {features.shape}")
    check_shape("b_proj", b_proj, (units,), f"since w_proj has shape {w_proj.shape}")
    check_shape("wx", wx, (size, gates), f"since w_embed has shape {w_embed.shape} and w_proj {w_proj.shape}")
    check_shape("wh", wh, (units, gates), f"since w_proj has shape {w_proj.shape}")
    check_shape("b", b, (gates,), f"since w_proj has shape {w_proj.shape}")
    check_shape(
        "w_vocab", w_vocab, (units, words), f"since w_proj has shape {w_proj.shape} and w_embed {w_embed.shape}"
    )
    check_shape("b_vocab", b_vocab, (words,), f"since w_embed has shape {w_embed.shape}")


def _inputs(cell="rnn"):
    gates = "H" if cell == "rnn" else "4H"
    return (
        real("features", "N D"),
        labels("captions", "N T", classes="V"),
        real("w_proj", "D H"),
        real("b_proj", "H"),
        real("w_embed", "V W"),
        real("wx", f"W {gates}"),
        real("wh", f"H {gates}"),
        real("b", gates),
        real("w_vocab", "H V"),
        real("b_vocab", "V"),
    )


OP = Op(
    name="captioning_loss",
    forward=captioning_loss_forward,
    backward=captioning_loss_backward,
    inputs=_inputs,
    options={"cell": CELLS},
    sizes={"T": (4, 2, 3), "V": (5, 3, 7)},
    excluded={
        "huge": "every state saturates, and the gradients behind it underflow to zero",
        "offset": "scores of 1e8 and more round by whole units in float32: no digit of the loss is determined",
    },
    cite="Stanford CS231n, assignment 3: Image Captioning with Vanilla RNNs, 'RNN for image captioning'; "
    "Vinyals, Toshev, Bengio, Erhan, Show and Tell, CVPR (2015)",
)
