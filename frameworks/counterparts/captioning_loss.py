"""The captioner's loss, built of each framework's own layers: PyTorch and Keras with their recurrent layers.

Gates of the lstm: reference i, f, o, g; PyTorch and Keras i, f, g, o.
"""

from .._counterpart import absent, composed
from . import embedding, temporal_affine, temporal_softmax_cross_entropy
from ._recurrent import jax_lstm_step, load_keras, load_pytorch, unrolled

tensorflow = absent("TensorFlow has no recurrent layer of its own: its Keras has")


def pytorch(fw, features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell):
    nn, units = fw.torch.nn, w_proj.shape[1]
    projection = _linear(fw, w_proj, b_proj, "proj")
    table = nn.Embedding(*w_embed.shape, dtype=w_embed.dtype)
    table.load_state_dict({"weight": w_embed})
    fw.weight("w_embed", table.weight)
    layer = (nn.RNN if cell == "rnn" else nn.LSTM)(w_embed.shape[1], units, batch_first=True, dtype=wx.dtype)
    load_pytorch(fw, layer, wx, wh, b, None, *(("h", "h") if cell == "rnn" else ("ifog", "ifgo")), "_l0")
    h0 = projection(features)[None]
    states, _ = layer(table(captions[:, :-1]), h0 if cell == "rnn" else (h0, fw.torch.zeros_like(h0)))
    scores = _linear(fw, w_vocab, b_vocab, "vocab")(states)
    loss = nn.CrossEntropyLoss(ignore_index=0, reduction="sum")
    return loss(scores.transpose(1, 2), captions[:, 1:]) / len(features)


def _linear(fw, w, b, name):
    layer = fw.torch.nn.Linear(*w.shape, dtype=w.dtype)
    layer.load_state_dict({"weight": w.T, "bias": b})
    fw.weight(f"w_{name}", layer.weight, back=lambda gradient: gradient.T)
    fw.weight(f"b_{name}", layer.bias)
    return layer


def keras(fw, features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell):
    layers, units = fw.keras.layers, w_proj.shape[1]
    table = layers.Embedding(*w_embed.shape)
    table.build(captions.shape)
    table.set_weights([w_embed])
    fw.weight("w_embed", table.embeddings)
    words = table(captions[:, :-1])
    layer = (layers.SimpleRNN if cell == "rnn" else layers.LSTM)(units, return_sequences=True)
    layer.build(words.shape)
    load_keras(fw, layer.cell, wx, wh, b, *(("h", "h") if cell == "rnn" else ("ifog", "ifgo")))
    h0 = _dense(fw, features, w_proj, b_proj, "proj")
    states = layer(words, initial_state=[h0] if cell == "rnn" else [h0, fw.ops.zeros_like(h0)])
    scores = _dense(fw, states, w_vocab, b_vocab, "vocab")
    loss = fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="sum", ignore_class=0)
    return loss(captions[:, 1:], scores) / features.shape[0]


def _dense(fw, x, w, b, name):
    layer = fw.keras.layers.Dense(w.shape[1])
    layer.build(x.shape)
    layer.set_weights([w, b])
    fw.weight(f"w_{name}", layer.kernel)
    fw.weight(f"b_{name}", layer.bias)
    return layer(x)


@composed("JAX has no layers and no losses of its own")
def jax(fw, features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell):
    words = embedding.jax(fw, captions[:, :-1], w_embed)
    h0 = temporal_affine.jax(fw, features, w_proj, b_proj)
    if cell == "rnn":
        states, _ = unrolled(fw, lambda x, h: (fw.jnp.tanh(x @ wx + h @ wh + b),), words, (h0,))
    else:
        states, _, _ = unrolled(fw, jax_lstm_step(fw, wx, wh, b, "ifog"), words, (h0, fw.jnp.zeros_like(h0)))
    scores = temporal_affine.jax(fw, states, w_vocab, b_vocab)
    return temporal_softmax_cross_entropy.jax(fw, scores, captions[:, 1:], captions[:, 1:] != 0)
