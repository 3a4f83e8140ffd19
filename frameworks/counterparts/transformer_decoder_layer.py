"""A layer of a transformer's decoder: PyTorch's own; Keras and JAX with their own attention. Layouts: `_attention`."""

from .._counterpart import absent, composed
from ._attention import closed
from ._transformer import (
    EPSILON,
    jax_block,
    jax_cross_attention,
    jax_norm,
    jax_self_attention,
    keras_cross_attention,
    keras_norm,
    keras_self_attention,
    load_pytorch,
    residual,
)
from .feed_forward import keras as keras_feed_forward

tensorflow = absent("TensorFlow has no attention of its own: its Keras has")


def pytorch(
    fw, x, memory, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, wqm, bqm, wkm, wvm, bvm, wom, bom, scale2, shift2,
    w1, b1, w2, b2, scale3, shift3, mask, maskm, norm, heads,
):  # fmt: skip
    layer = fw.torch.nn.TransformerDecoderLayer(
        x.shape[2], heads, w1.shape[1], dropout=0.0, layer_norm_eps=EPSILON, batch_first=True,
        norm_first=norm == "before", dtype=x.dtype,
    )  # fmt: skip
    attentions = {
        "self_attn": (wq, bq, wk, wv, bv, wo, bo),
        "multihead_attn": (wqm, bqm, wkm, wvm, bvm, wom, bom),
    }
    norms = [(scale1, shift1), (scale2, shift2), (scale3, shift3)]
    load_pytorch(fw, layer, attentions, (w1, b1, w2, b2), norms)
    return layer(x, memory, tgt_mask=closed(mask, heads), memory_mask=closed(maskm, heads))


@composed("Keras has no transformer layer of its own: its attention, dense layers and normalisations")
def keras(
    fw, x, memory, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, wqm, bqm, wkm, wvm, bvm, wom, bom, scale2, shift2,
    w1, b1, w2, b2, scale3, shift3, mask, maskm, norm, heads,
):  # fmt: skip
    own = keras_self_attention(fw, (wq, bq, wk, wv, bv, wo, bo), mask, heads)
    cross = keras_cross_attention(fw, memory, (wqm, bqm, wkm, wvm, bvm, wom, bom), maskm, heads)
    z = residual(x, own, keras_norm(fw, scale1, shift1, 1), norm)
    z = residual(z, cross, keras_norm(fw, scale2, shift2, 2), norm)
    return residual(
        z, lambda z: keras_feed_forward(fw, z, w1, b1, w2, b2, "relu"), keras_norm(fw, scale3, shift3, 3), norm
    )


@composed("JAX has no layers of its own: products around its own attention")
def jax(
    fw, x, memory, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, wqm, bqm, wkm, wvm, bvm, wom, bom, scale2, shift2,
    w1, b1, w2, b2, scale3, shift3, mask, maskm, norm, heads,
):  # fmt: skip
    own = jax_self_attention(fw, (wq, bq, wk, wv, bv, wo, bo), mask, heads)
    cross = jax_cross_attention(fw, memory, (wqm, bqm, wkm, wvm, bvm, wom, bom), maskm, heads)
    z = residual(x, own, jax_norm(fw, scale1, shift1), norm)
    z = residual(z, cross, jax_norm(fw, scale2, shift2), norm)
    return residual(z, jax_block(fw, (w1, b1, w2, b2)), jax_norm(fw, scale3, shift3), norm)
