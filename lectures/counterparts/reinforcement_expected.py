"""The expected reward under a softmax policy, differentiated by the framework itself."""


def pytorch(fw, scores, rewards):
    return (fw.functional.softmax(scores, dim=1) * rewards).sum(dim=1)


def keras(fw, scores, rewards):
    return fw.ops.sum(fw.keras.activations.softmax(scores) * rewards, axis=1)
