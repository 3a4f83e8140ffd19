"""A classifier of token sequences with one transformer encoder block, the mean over time, and a dense layer."""

from .._description import adam, dense, embedding, mean_over_time, network, transformer_block

NETWORK = network(
    "transformer_block",
    (3,),
    [embedding(6, 4), *transformer_block(heads=2, hidden=5), mean_over_time(), dense(3)],
    optimiser=adam(0.0078125),
    tokens=6,
)
