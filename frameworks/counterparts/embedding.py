"""Embedding: each framework's layer. PyTorch's padding_idx and Keras' mask_zero are off: every row has a gradient."""


def pytorch(fw, x, w):
    layer = fw.torch.nn.Embedding(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w})
    fw.weight("w", layer.weight)
    return layer(x)


def keras(fw, x, w):
    layer = fw.keras.layers.Embedding(*w.shape)
    layer.build(x.shape)
    layer.set_weights([w])
    fw.weight("w", layer.embeddings)
    return layer(x)


def tensorflow(fw, x, w):
    return fw.tf.nn.embedding_lookup(w, x)


def jax(fw, x, w):
    return fw.jnp.take(w, x, axis=0)
