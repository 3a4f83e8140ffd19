"""A layer of a transformer's encoder: PyTorch's own; Keras and JAX with their own attention. Layouts: `_attention`."""

from .._counterpart import absent, composed
from ._attention import closed
from ._transformer import (
    EPSILON,
    jax_block,
    jax_norm,
    jax_self_attention,
    keras_norm,
    keras_self_attention,
    load_pytorch,
    residual,
)
from .feed_forward import keras as keras_feed_forward

tensorflow = absent("TensorFlow has no attention of its own: its Keras has")


def pytorch(fw, x, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, w1, b1, w2, b2, scale2, shift2, mask, norm, heads):
    layer = fw.torch.nn.TransformerEncoderLayer(
        x.shape[2], heads, w1.shape[1], dropout=0.0, layer_norm_eps=EPSILON, batch_first=True,
        norm_first=norm == "before", dtype=x.dtype,
    )  # fmt: skip
    attention = {"self_attn": (wq, bq, wk, wv, bv, wo, bo)}
    load_pytorch(fw, layer, attention, (w1, b1, w2, b2), [(scale1, shift1), (scale2, shift2)])
    return layer(x, src_mask=closed(mask, heads))


@composed("Keras has no transformer layer of its own: its attention, dense layers and normalisations")
def keras(fw, x, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, w1, b1, w2, b2, scale2, shift2, mask, norm, heads):
    attention = keras_self_attention(fw, (wq, bq, wk, wv, bv, wo, bo), mask, heads)
    z = residual(x, attention, keras_norm(fw, scale1, shift1, 1), norm)
    return residual(
        z, lambda z: keras_feed_forward(fw, z, w1, b1, w2, b2, "relu"), keras_norm(fw, scale2, shift2, 2), norm
    )


@composed("JAX has no layers of its own: products around its own attention")
def jax(fw, x, wq, bq, wk, wv, bv, wo, bo, scale1, shift1, w1, b1, w2, b2, scale2, shift2, mask, norm, heads):
    attention = jax_self_attention(fw, (wq, bq, wk, wv, bv, wo, bo), mask, heads)
    z = residual(x, attention, jax_norm(fw, scale1, shift1), norm)
    return residual(z, jax_block(fw, (w1, b1, w2, b2)), jax_norm(fw, scale2, shift2), norm)
