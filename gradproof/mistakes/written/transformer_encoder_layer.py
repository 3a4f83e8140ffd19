"""Subjects of transformer_encoder_layer."""

from . import _attention, _transformer, feed_forward
from ._records import Unusual, Wrong


def textbook(x, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, w1, b1, w2, b2, scale2, shift2, mask, norm, heads):
    """Each query, each row and each number by itself."""

    def attention(z):
        return _attention.heads_one_by_one(z, z, z, wq, bq, wk, wv, bv, wo, bo, mask, heads)

    z = _transformer.textbook_residual(x, attention, scale1, shift1, norm)
    return _transformer.textbook_residual(
        z, lambda z: feed_forward.textbook(z, w1, b1, w2, b2, "relu"), scale2, shift2, norm
    )


def forward(x, *weights, norm="after", heads=2):
    *weights, mask = weights
    z, at_attention = _transformer.residual(x, _transformer.itself(weights[:7], mask, heads), *weights[7:9], norm)
    y, at_block = _transformer.residual(z, _transformer.fed(weights[9:13]), *weights[13:], norm)
    return y, (at_attention, at_block)


def forward_normalised_on_the_other_side(x, *weights, norm="after", heads=2):
    return forward(x, *weights, norm={"after": "before", "before": "after"}[norm], heads=heads)


def gradients(dy, cache, attention=_transformer.itself_back, **flags):
    at_attention, at_block = cache
    dz, *block = _transformer.residual_back(dy, feed_forward.backward, at_block, **flags)
    return *_transformer.residual_back(dz, attention, at_attention, **flags), *block


def backward(dy, cache):
    return gradients(dy, cache)


def backward_queries_only(dy, cache):
    return gradients(dy, cache, attention=_transformer.queries_only_back)


def backward_skip_forgotten(dy, cache):
    return gradients(dy, cache, skip=0.0)


def backward_variance_forgotten(dy, cache):
    return gradients(dy, cache, through_variance=0.0)


ATTENTION = "dwq dbq dwk dwv dbv dwo dbo"
BLOCK = "dw1 db1 dw2 db2"
FIRST = f"dx {ATTENTION} dscale1 dshift1"
SECOND = f"{BLOCK} dscale2 dshift2"
AFTER = {"norm": "after", "heads": 2}
WRONG = [
    Wrong("queries-only", "dropped term", forward, backward_queries_only, "dx", options=AFTER),
    Wrong("skip-forgotten", "dropped term", forward, backward_skip_forgotten, FIRST, options=AFTER),
    Wrong(
        "variance-forgotten",
        "dropped term",
        forward,
        backward_variance_forgotten,
        f"{FIRST} {BLOCK}",
        options=AFTER,
        says="the variance of the layer normalisation is treated as a constant",
    ),
    Wrong(
        "normalised-on-the-other-side",
        "wrong option",
        forward_normalised_on_the_other_side,
        backward,
        f"y {FIRST} {SECOND}",
        options=AFTER,
        says="the normalisation stands on the other side of the sublayer",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_as_a_dict(dy, cache):
    return dict(zip(f"{FIRST} {SECOND}".split(), gradients(dy, cache), strict=True))


def forward_sum_turned(x, *weights, norm="after", heads=2):
    """The block's output first, its input added to it."""
    *weights, mask = weights
    f, at_attention = _transformer.itself(weights[:7], mask, heads)(x)
    z, at_norm = _transformer.normalise(f + x, *weights[7:9])
    f, at_block = _transformer.fed(weights[9:13])(z)
    y, at_second = _transformer.normalise(f + z, *weights[13:])
    return y, ((norm, at_norm, at_attention), (norm, at_second, at_block))


UNUSUAL = [
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=AFTER),
    Unusual("sum-turned", forward_sum_turned, backward, options=AFTER),
]
