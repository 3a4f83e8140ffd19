"""Subjects of captioning_loss: the loss of an image captioner."""

import numpy as np

from . import embedding, lstm, rnn, temporal_affine
from . import temporal_softmax_cross_entropy as loss_of_words
from ._records import Unusual, Wrong


def textbook(features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab, cell):
    """The textbooks of its parts, one after the other."""
    words, h0 = embedding.textbook(captions[:, :-1], w_embed), features @ w_proj + b_proj
    if cell == "rnn":
        states, _ = rnn.textbook(words, h0, wx, wh, b)
    else:
        states, _, _ = lstm.textbook(words, h0, 0 * h0, wx, wh, b, "ifog")
    scores = temporal_affine.textbook(states, w_vocab, b_vocab)
    return loss_of_words.textbook(scores, captions[:, 1:], captions[:, 1:] != 0)


def run(features, inputs, target, mask, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab):
    words, at_words = embedding.forward(inputs, w_embed)
    states, _, at_states = rnn.forward(words, features @ w_proj + b_proj, wx, wh, b)
    scores, at_scores = temporal_affine.forward(states, w_vocab, b_vocab)
    loss, at_loss = loss_of_words.forward(scores, target, mask)
    return loss, (features, w_proj, at_words, at_states, at_scores, at_loss)


def forward(features, captions, *weights):
    """With the rnn cell."""
    inputs, target = captions[:, :-1], captions[:, 1:]
    return run(features, inputs, target, target != 0, *weights)


def forward_padding_counts(features, captions, *weights):
    inputs, target = captions[:, :-1], captions[:, 1:]
    return run(features, inputs, target, np.ones_like(target, dtype=bool), *weights)


def forward_predicts_what_it_reads(features, captions, *weights):
    inputs = captions[:, :-1]
    return run(features, inputs, inputs, inputs != 0, *weights)


def gradients(dloss, cache, words=embedding.backward, states=rnn.backward):
    features, w_proj, at_words, at_states, at_scores, at_loss = cache
    (dscores,) = loss_of_words.backward(dloss, at_loss)
    dstates, dw_vocab, db_vocab = temporal_affine.backward(dscores, at_scores)
    dwords, dh0, dwx, dwh, db = states(dstates, np.zeros_like(dstates[:, 0]), at_states)
    (dw_embed,) = words(dwords, at_words)
    return dh0 @ w_proj.T, features.T @ dh0, dh0.sum(axis=0), dw_embed, dwx, dwh, db, dw_vocab, db_vocab


def backward(dloss, cache):
    return gradients(dloss, cache)


def backward_words_added_once(dloss, cache):
    return gradients(dloss, cache, words=embedding.backward_added_once)


def backward_truncated(dloss, cache):
    return gradients(dloss, cache, states=rnn.backward_truncated)


def backward_image_forgotten(dloss, cache):
    dfeatures, dw_proj, db_proj, *rest = gradients(dloss, cache)
    return 0 * dfeatures, dw_proj, db_proj, *rest


IMAGE, CELL, VOCABULARY = "dfeatures dw_proj db_proj", "dw_embed dwx dwh db", "dw_vocab db_vocab"
NETWORK = f"{IMAGE} {CELL}"
RNN = {"cell": "rnn"}
WRONG = [
    Wrong(
        "words-added-once",
        "one row only",
        forward,
        backward_words_added_once,
        "dw_embed",
        options=RNN,
        cases=30,
        says="a word that stands twice is added once to the table's gradient",
    ),
    Wrong("truncated-in-time", "dropped term", forward, backward_truncated, NETWORK, options=RNN, cases=20),
    Wrong(
        "image-forgotten",
        "missing gradient",
        forward,
        backward_image_forgotten,
        "dfeatures",
        options=RNN,
        says="the image's features get no gradient",
    ),
    Wrong(
        "padding-counts",
        "wrong forward",
        forward_padding_counts,
        backward,
        f"y {NETWORK} {VOCABULARY}",
        options=RNN,
        cases=20,
        says="padded words count in the loss",
    ),
    Wrong(
        "predicts-what-it-reads",
        "off by one",
        forward_predicts_what_it_reads,
        backward,
        f"y {NETWORK} {VOCABULARY}",
        options=RNN,
        cases=20,
        says="each step predicts the word that it reads, not the next one",
    ),
]


# -- right, but unusual ------------------------------------------------------------------------------------


def forward_one_hot(features, captions, w_proj, b_proj, w_embed, wx, wh, b, w_vocab, b_vocab):
    inputs, target = captions[:, :-1], captions[:, 1:]
    words, _ = embedding.forward_one_hot(inputs, w_embed)
    states, _, at_states = rnn.forward_time_first(words, features @ w_proj + b_proj, wx, wh, b)
    scores, at_scores = temporal_affine.forward(states, w_vocab, b_vocab)
    loss, at_loss = loss_of_words.forward_of_the_chosen(scores, target, target != 0)
    return loss, (features, w_proj, (inputs, w_embed), at_states, at_scores, at_loss)


def backward_word_by_word(dloss, cache):
    return gradients(dloss, cache, words=embedding.backward_word_by_word)


UNUSUAL = [
    Unusual("one-hot-words", forward_one_hot, backward, options=RNN),
    Unusual("word-by-word", forward, backward_word_by_word, options=RNN),
]
