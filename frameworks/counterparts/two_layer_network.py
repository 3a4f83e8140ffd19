"""Affine, sigmoid, affine, softmax cross-entropy: a whole classifier, as each framework's users build it.

Weight layouts: reference and Keras (in, out), PyTorch (out, in). The last layer gives logits; the loss has the softmax.
"""

from .._counterpart import composed


def pytorch(fw, x, w1, b1, w2, b2, target):
    nn = fw.torch.nn
    network = nn.Sequential(
        nn.Linear(*w1.shape, dtype=w1.dtype),
        nn.Sigmoid(),
        nn.Linear(*w2.shape, dtype=w2.dtype),
    )
    network.load_state_dict({"0.weight": w1.T, "0.bias": b1, "2.weight": w2.T, "2.bias": b2})
    for number, layer in (("1", network[0]), ("2", network[2])):
        fw.weight(f"w{number}", layer.weight, back=lambda gradient: gradient.T)
        fw.weight(f"b{number}", layer.bias)
    return nn.CrossEntropyLoss()(network(x), target)


def keras(fw, x, w1, b1, w2, b2, target):
    layers = fw.keras.layers
    network = fw.keras.Sequential([layers.Dense(w1.shape[1], activation="sigmoid"), layers.Dense(w2.shape[1])])
    network.build(x.shape)
    network.set_weights([w1, b1, w2, b2])
    for number, layer in zip("12", network.layers, strict=True):
        fw.weight(f"w{number}", layer.kernel)
        fw.weight(f"b{number}", layer.bias)
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, network(x))


@composed("TensorFlow's own layers are those of Keras: matmul, bias_add, sigmoid and its softmax cross-entropy")
def tensorflow(fw, x, w1, b1, w2, b2, target):
    tf = fw.tf
    hidden = tf.math.sigmoid(tf.nn.bias_add(tf.linalg.matmul(x, w1), b1))
    logits = tf.nn.bias_add(tf.linalg.matmul(hidden, w2), b2)
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target, logits=logits))


@composed("JAX has no layers and no losses of its own")
def jax(fw, x, w1, b1, w2, b2, target):
    jnp = fw.jnp
    hidden = fw.nn.sigmoid(jnp.matmul(x, w1) + b1)
    logp = fw.nn.log_softmax(jnp.matmul(hidden, w2) + b2, axis=-1)
    return -jnp.mean(jnp.take_along_axis(logp, target[:, None], axis=-1))
