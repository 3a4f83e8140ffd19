"""Subjects of transformer_decoder_layer."""

from . import _attention, _transformer, feed_forward
from ._records import Unusual, Wrong


def textbook(
    x, memory, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, wqm, bqm, wkm, wvm, bvm, wom, bom, scale2, shift2,
    w1, b1, w2, b2, scale3, shift3, mask, maskm, norm, heads,
):  # fmt: skip
    """Each query, each row and each number by itself."""

    def own(z):
        return _attention.heads_one_by_one(z, z, z, wq, bq, wk, wv, bv, wo, bo, mask, heads)

    def cross(z):
        return _attention.heads_one_by_one(z, memory, memory, wqm, bqm, wkm, wvm, bvm, wom, bom, maskm, heads)

    z = _transformer.textbook_residual(x, own, scale1, shift1, norm)
    z = _transformer.textbook_residual(z, cross, scale2, shift2, norm)
    return _transformer.textbook_residual(
        z, lambda z: feed_forward.textbook(z, w1, b1, w2, b2, "relu"), scale3, shift3, norm
    )


def run(x, memory, weights, mask, maskm, norm, heads):
    own = _transformer.itself(weights[:7], mask, heads)
    cross = _transformer.other(memory, weights[9:16], maskm, heads)
    z, at_self = _transformer.residual(x, own, *weights[7:9], norm)
    z, at_memory = _transformer.residual(z, cross, *weights[16:18], norm)
    y, at_block = _transformer.residual(z, _transformer.fed(weights[18:22]), *weights[22:], norm)
    return y, (at_self, at_memory, at_block)


def forward(x, memory, *weights, norm="after", heads=2):
    *weights, mask, maskm = weights
    return run(x, memory, weights, mask, maskm, norm, heads)


def forward_memory_open(x, memory, *weights, norm="after", heads=2):
    *weights, mask, maskm = weights
    return run(x, memory, weights, mask, maskm | True, norm, heads)


def gradients(dy, cache, attention=_transformer.itself_back, cross=_transformer.other_back, **flags):
    at_self, at_memory, at_block = cache
    dz, *block = _transformer.residual_back(dy, feed_forward.backward, at_block, **flags)
    dz, dmemory, *of_memory = _transformer.residual_back(dz, cross, at_memory, **flags)
    dx, *own = _transformer.residual_back(dz, attention, at_self, **flags)
    return dx, dmemory, *own, *of_memory, *block


def backward(dy, cache):
    return gradients(dy, cache)


def backward_values_only(dy, cache):
    return gradients(dy, cache, cross=_transformer.other_without_keys_back)


def backward_queries_only(dy, cache):
    return gradients(dy, cache, attention=_transformer.queries_only_back)


def backward_skip_forgotten(dy, cache):
    return gradients(dy, cache, skip=0.0)


SELF = "dwq dbq dwk dwv dbv dwo dbo dscale1 dshift1"
MEMORY = "dwqm dbqm dwkm dwvm dbvm dwom dbom dscale2 dshift2"
BLOCK = "dw1 db1 dw2 db2 dscale3 dshift3"
AFTER = {"norm": "after", "heads": 2}
WRONG = [
    Wrong(
        "memorys-keys-forgotten",
        "dropped term",
        forward,
        backward_values_only,
        "dmemory",
        options=AFTER,
        cases=20,
        says="the memory gets the gradient of the values only, not that of the keys",
    ),
    Wrong("queries-only", "dropped term", forward, backward_queries_only, "dx", options=AFTER),
    Wrong(
        "skip-forgotten", "dropped term", forward, backward_skip_forgotten, f"dx dmemory {SELF} {MEMORY}", options=AFTER
    ),
    Wrong(
        "memorys-mask-forgotten",
        "wrong forward",
        forward_memory_open,
        backward,
        "y dmemory",
        besides=f"dx {SELF} {MEMORY} {BLOCK}",
        options=AFTER,
        cases=20,
        says="the mask over the memory is not applied",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def backward_as_a_dict(dy, cache):
    return dict(zip(f"dx dmemory {SELF} {MEMORY} {BLOCK}".split(), gradients(dy, cache), strict=True))


def forward_two_memories(x, memory, *weights, norm="after", heads=2):
    """A memory that is another array of the same numbers for the keys than for the values."""
    return forward(x, memory[:, ::-1].copy()[:, ::-1], *weights, norm=norm, heads=heads)


UNUSUAL = [
    Unusual("gradients-by-name", forward, backward_as_a_dict, options=AFTER),
    Unusual("a-memory-read-backwards", forward_two_memories, backward, options=AFTER),
]
