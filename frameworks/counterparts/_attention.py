"""What the counterparts of attention share: projections in each framework's layer, and masks in its sense.

Layouts: reference (D, D) for each projection, its columns the heads one after the other; PyTorch packs the transposed
three into in_proj_weight (3 D, D); Keras has kernels (D, heads, d) and, for the last, (heads, d, D). A mask is True
where a query may look in the reference, in Keras and in JAX, and in PyTorch's layers where it may not. The reference
has no bias of the keys, which has no effect: it is zero here.
"""

NAMES = ("wq", "bq", "wk", "wv", "bv", "wo", "bo")


def closed(mask, heads):
    """PyTorch: the mask of a layer, one for each head of each sequence, True where a query may not look."""
    return ~mask.repeat_interleave(heads, dim=0)


def pytorch_state(fw, wq, bq, wk, wv, bv, wo, bo):
    """PyTorch: the state of an attention layer."""
    return {
        "in_proj_weight": fw.torch.cat([wq.T, wk.T, wv.T]),
        "in_proj_bias": fw.torch.cat([bq, fw.torch.zeros_like(bq), bv]),
        "out_proj.weight": wo.T,
        "out_proj.bias": bo,
    }


def pytorch_sources(fw, layer, end=""):
    """PyTorch: which part of which parameter of an attention layer stands for which input."""
    size = layer.embed_dim

    def part(k):
        return slice(k * size, (k + 1) * size)

    for k, name in enumerate(("wq", "wk", "wv")):
        fw.weight(name + end, layer.in_proj_weight, back=lambda gradient, k=k: gradient[part(k)].T)
    fw.weight(f"bq{end}", layer.in_proj_bias, back=lambda gradient: gradient[part(0)])
    fw.weight(f"bv{end}", layer.in_proj_bias, back=lambda gradient: gradient[part(2)])
    fw.weight(f"wo{end}", layer.out_proj.weight, back=lambda gradient: gradient.T)
    fw.weight(f"bo{end}", layer.out_proj.bias)


def keras_attention(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads, end=""):
    """Keras: its layer with these weights, called."""
    ops, size = fw.ops, q.shape[2]
    each = size // heads
    layer = fw.keras.layers.MultiHeadAttention(heads, each)
    layer.build(q.shape, v.shape, k.shape)
    kernels = [ops.reshape(w, (size, heads, each)) for w in (wq, wk, wv)]
    biases = [ops.reshape(b, (heads, each)) for b in (bq, ops.zeros_like(bq), bv)]
    inner = [w for pair in zip(kernels, biases, strict=True) for w in pair]
    layer.set_weights([*inner, ops.reshape(wo, (heads, each, size)), bo])

    def matrix(gradient):
        return ops.reshape(gradient, (size, size))

    def vector(gradient):
        return ops.reshape(gradient, (size,))

    dense = {"q": layer.query_dense, "k": layer.key_dense, "v": layer.value_dense, "o": layer.output_dense}
    for name in NAMES:
        of = dense[name[1]]
        fw.weight(name + end, *((of.kernel, matrix) if name[0] == "w" else (of.bias, vector)))
    return layer(q, v, k, attention_mask=mask)


def jax_attention(fw, q, k, v, wq, bq, wk, wv, bv, wo, bo, mask, heads):
    """JAX: projections around its own attention, which takes (N, T, heads, d)."""

    def split(x):
        return x.reshape(*x.shape[:2], heads, -1)

    seen = fw.nn.dot_product_attention(split(q @ wq + bq), split(k @ wk), split(v @ wv + bv), mask=mask[:, None])
    return seen.reshape(q.shape) @ wo + bo
