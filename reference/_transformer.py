"""What a transformer's layers are made of: a block, its input added to its output, and the normalisation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._checks import check_shape
from ._domain import Input, real
from .layer_norm import layer_norm_backward, layer_norm_forward
from .multi_head_attention import multi_head_attention_backward

NORM = ("after", "before")


def residual(x: Any, block: Callable[[Any], tuple[Any, Any]], scale: Any, shift: Any, norm: str) -> tuple[Any, Any]:
    """norm(x + block(x)), or x + block(norm(x)) where the normalisation comes before; and the cache."""
    if norm == "before":
        z, at_norm = layer_norm_forward(x, scale, shift)
        f, at_block = block(z)
        return x + f, (norm, at_norm, at_block)
    f, at_block = block(x)
    y, at_norm = layer_norm_forward(x + f, scale, shift)
    return y, (norm, at_norm, at_block)


def residual_backward(dy: Any, back: Callable[[Any, Any], tuple[Any, ...]], cache: Any) -> tuple[Any, ...]:
    """dx, the gradients of the block's own weights, dscale, dshift; back: the block's, with dx first."""
    norm, at_norm, at_block = cache
    if norm == "before":
        dz, *own = back(dy, at_block)
        dx, dscale, dshift = layer_norm_backward(dz, at_norm)
        return dy + dx, *own, dscale, dshift
    dsum, dscale, dshift = layer_norm_backward(dy, at_norm)
    dx, *own = back(dsum, at_block)
    return dsum + dx, *own, dscale, dshift


def self_attention_backward(dy: Any, cache: Any) -> tuple[Any, ...]:
    """dx and the weights' gradients of an attention whose queries, keys and values are the same x."""
    dq, dk, dv, *own = multi_head_attention_backward(dy, cache)
    return dq + dk + dv, *own


def cross_attention_backward(dy: Any, cache: Any) -> tuple[Any, ...]:
    """dx, dmemory and the weights' gradients of an attention whose keys and values are the same memory."""
    dq, dk, dv, *own = multi_head_attention_backward(dy, cache)
    return dq, dk + dv, *own


def norm_weights(number: int) -> tuple[Input, Input]:
    """Scale and shift of one normalisation as inputs."""
    return real(f"scale{number}", "D"), real(f"shift{number}", "D")


def check_norms(x: Any, **weights: Any) -> None:
    """Raise ValueError unless scales and shifts are vectors of x's features."""
    for name, w in weights.items():
        check_shape(name, w, x.shape[-1:], f"since x has shape {x.shape}")
