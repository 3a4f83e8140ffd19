"""REINFORCE: minus the mean of return times log-probability of the action taken.

Keras has no distributions: there it is the cross-entropy of the actions as labels, weighted by the returns.
"""

from ._policy import keras_policy, pytorch_policy


def pytorch(fw, x, w1, b1, w2, b2, actions, returns):
    policy = fw.torch.distributions.Categorical(logits=pytorch_policy(fw, x, w1, b1, w2, b2))
    return -(returns * policy.log_prob(actions)).mean()


def keras(fw, x, w1, b1, w2, b2, actions, returns):
    loss = fw.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(actions, keras_policy(fw, x, w1, b1, w2, b2), sample_weight=returns)
