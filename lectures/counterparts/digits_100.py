"""Affine, sigmoid, affine, softmax cross-entropy, the biases in the first rows of the weights.

A layer keeps its bias apart, so the rows are cut off inside the differentiated function and go to the framework's own
functional layers.
"""


def pytorch(fw, x, w1, w2, target):
    f = fw.torch.nn.functional
    h = fw.torch.sigmoid(f.linear(x, w1[1:].T, w1[0]))
    return f.cross_entropy(f.linear(h, w2[1:].T, w2[0]), target)


def keras(fw, x, w1, w2, target):
    ops = fw.keras.ops
    h = ops.sigmoid(ops.matmul(x, w1[1:]) + w1[0])
    scores = ops.matmul(h, w2[1:]) + w2[0]
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
