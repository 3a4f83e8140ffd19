"""Four affine layers, ReLU and a given mask after the first three, softmax cross-entropy; biases in the first rows.

A framework's Dropout draws its mask itself, so the masks are multiplied with. The rows with the biases are cut off
inside the differentiated function.
"""


def pytorch(fw, x, w1, w2, w3, w4, m1, m2, m3, target):
    f = fw.torch.nn.functional
    for w, mask in ((w1, m1), (w2, m2), (w3, m3)):
        x = f.relu(f.linear(x, w[1:].T, w[0])) * mask
    return f.cross_entropy(f.linear(x, w4[1:].T, w4[0]), target)


def keras(fw, x, w1, w2, w3, w4, m1, m2, m3, target):
    ops = fw.keras.ops
    for w, mask in ((w1, m1), (w2, m2), (w3, m3)):
        x = ops.relu(ops.matmul(x, w[1:]) + w[0]) * mask
    scores = ops.matmul(x, w4[1:]) + w4[0]
    return fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)(target, scores)
