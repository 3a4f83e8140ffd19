"""Convolution, ReLU, max pooling and a dense layer under softmax cross-entropy of labels."""

from ._convolution import keras_convolution, pytorch_convolution


def pytorch(fw, x, kernels, biases, w, b, target):
    nn = fw.torch.nn
    dense = nn.Linear(*w.shape, dtype=w.dtype)
    dense.load_state_dict({"weight": w.T, "bias": b})
    fw.weight("w", dense.weight, back=lambda gradient: gradient.T)
    fw.weight("b", dense.bias)
    rest = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), dense)
    return nn.CrossEntropyLoss()(rest(pytorch_convolution(fw, x, kernels, biases)), target)


def keras(fw, x, kernels, biases, w, b, target):
    layers, ops = fw.keras.layers, fw.ops
    dense = layers.Dense(w.shape[1])
    dense.build((None, w.shape[0]))
    dense.set_weights([w, b])
    fw.weight("w", dense.kernel)
    fw.weight("b", dense.bias)
    maps = ops.relu(keras_convolution(fw, x, kernels, biases))
    pooled = ops.transpose(layers.MaxPooling2D(2, data_format="channels_last")(maps), (0, 3, 1, 2))
    scores = dense(layers.Flatten()(pooled))
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
