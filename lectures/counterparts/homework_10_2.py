"""The network of homework 10-1 with four hidden layers; biases in the first rows, masks given."""


def pytorch(fw, x, w1, w2, w3, w4, w5, m1, m2, m3, m4, target):
    f = fw.torch.nn.functional
    for w, mask in ((w1, m1), (w2, m2), (w3, m3), (w4, m4)):
        x = f.relu(f.linear(x, w[1:].T, w[0])) * mask
    return f.cross_entropy(f.linear(x, w5[1:].T, w5[0]), target)


def keras(fw, x, w1, w2, w3, w4, w5, m1, m2, m3, m4, target):
    ops = fw.keras.ops
    for w, mask in ((w1, m1), (w2, m2), (w3, m3), (w4, m4)):
        x = ops.relu(ops.matmul(x, w[1:]) + w[0]) * mask
    scores = ops.matmul(x, w5[1:]) + w5[0]
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
