"""A classifier of token sequences: embedding, a long short-term memory, a dense layer on its last state."""

from .._description import dense, embedding, lstm, network, sgd

NETWORK = network("lstm_classifier", (4,), [embedding(7, 3), lstm(4), dense(3)], optimiser=sgd(0.25), tokens=7)
