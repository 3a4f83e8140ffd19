"""Contrastive loss. No framework has it; PyTorch has the distance of rows."""

from .._counterpart import absent, composed

keras = absent("Keras has neither a contrastive loss nor a distance of rows")
tensorflow = absent("TensorFlow has neither a contrastive loss nor a distance of rows")
jax = absent("JAX has no losses of its own")


@composed("PyTorch has no contrastive loss of its own: built of pairwise_distance")
def pytorch(fw, first, second, target, margin, eps, reduction):
    d = fw.functional.pairwise_distance(first, second, eps=eps)
    rows = target * d**2 + (1 - target) * fw.torch.relu(margin - d) ** 2
    return rows.mean() if reduction == "mean" else rows.sum()
