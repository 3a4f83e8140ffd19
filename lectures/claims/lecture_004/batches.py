"""Slides 'Mini-batch gradient descent with batch size 3' to 'Tuning Hyperparameters': batches, train, splits, folds.

The two citations of Glassner belong to figures that are lost and have no record of their own.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import comb

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative_at
from .._listings import execute, listing
from .._outcome import conventional, every, judged, misread, observed
from ._pieces import LOST, sigmoid
from ._pieces_training import mean_loss, network_points
from ._programs import printed as printed_function
from ._programs_training import on_batches, says, small_training

CLAIMS: list[Claim] = []
claim = recorder("004", CLAIMS)

BATCHES = Slide("Mini-batch gradient descent with batch size 3", 491)
SPLIT = Slide("Splitting input data into a training, validation, and test set", 557)
SPLIT_AGAIN = Slide("Splitting input data into a training, validation, and test set", 563)
FOLDS = Slide("K-fold cross-validation", 573)
CURVES = Slide("An idealized set of error curves", 580)
NODES = Slide("Tuning Hyperparameters: 5_development.jpynb", 587)
RATE = Slide("Tuning Hyperparameters: 5_development.jpynb", 594)
SIZE = Slide("Tuning Hyperparameters: 5_development.jpynb", 600)

CLAIMS += [
    uncheckable("004-211", SPLIT_AGAIN.at(568), "How hyper-parameters are determined, in a picture.",
                "its figure is lost", "Determine hyper-parameters: learning rate, batch size"),
    uncheckable("004-212", CURVES.at(580), "An idealized set of error curves.", LOST),
    uncheckable("004-213", NODES.at(589), "Tuning the number of hidden nodes, in a picture.", "its figure is lost",
                "Tuning the Number of Hidden Nodes"),
    uncheckable("004-214", RATE.at(596), "Tuning the learning rate, in a picture.", "its figure is lost",
                "Tuning the Learning Rate"),
    uncheckable("004-215", SIZE.at(602), "Tuning the batch size, in a picture.", "its figure is lost",
                "Tuning the Batch Size"),
]  # fmt: skip


# -- batches ----------------------------------------------------------------------------------------


@claim(
    216, BATCHES.at(493), "number", "holds",
    says="99 examples in batches of 3 are 33 updates an epoch.", printed="**33 iterations**",
)  # fmt: skip
def updates_of_an_epoch() -> Evidence:
    run = small_training("train(X, Y, X_test, Y_test, 5, 1, 3, 1)\nprint(len(reports))", examples=99)
    return judged(observed(says(run) == "33", f"train updates {says(run)} times"))


@claim(
    217, BATCHES.at(494), "number", "holds",
    says="Ten such epochs are 330 updates.", printed="needs **330 iterations**",
)  # fmt: skip
def updates_of_ten_epochs() -> Evidence:
    run = small_training("train(X, Y, X_test, Y_test, 5, 10, 3, 1)\nprint(len(reports))", examples=99)
    return judged(observed(says(run) == "330", f"train updates {says(run)} times"))


@claim(
    218, BATCHES.at(499), "code", "holds",
    says="prepare_batches takes every example once, in order, with its label; the last batch may be smaller.",
    printed="def prepare_batches(X_train, Y_train, batch_size):",
)  # fmt: skip
def every_example_once() -> Evidence:
    after = """X = np.arange(20).reshape(10, 2)
for size in (1, 2, 3, 4, 10, 11):
    xs, ys = prepare_batches(X, X[:, :1], size)
    whole = np.array_equal(np.concatenate(xs), X) and np.array_equal(np.concatenate(ys), X[:, :1])
    print(size, whole and len(xs) == len(ys) == -(-10 // size), [len(x) for x in xs][-1])"""
    wanted = "1 True 1 2 True 2 3 True 1 4 True 2 10 True 10 11 True 10"
    run = on_batches(after)
    return judged(observed(says(run) == wanted, f"batch size, whole and in order, size of the last: {says(run)}"))


RIGHT = "[array([[0],[1]]),array([[2],[3]]),array([[4],[5]]),array([[6],[7]]),array([[8],[9]])]"
LEFT = "[[0][1][2][3][4][5][6][7][8][9]"


def _without_blanks(text: str) -> str:
    return "".join(text.split())


@claim(
    219, BATCHES.at(521), "result", "convention",
    says="The example shows the ten rows as five batches of two.", printed="[array([[0],",
    convention="the cell of a notebook, which shows the value of its last line; a program prints nothing for it",
)  # fmt: skip
def printed_batches() -> Evidence:
    cell = on_batches("print(tmpx_batches)", "batches_example")
    program = on_batches("", "batches_example")
    return conventional(
        observed(_without_blanks(cell.printed).endswith(RIGHT), f"with its value printed: {says(cell)[-60:]}"),
        observed(_without_blanks(program.printed).endswith(RIGHT), f"as a program it ends with {says(program)[-14:]}"),
    )


@claim(
    220, BATCHES.at(530), "result", "transcription",
    says="print(tmpx) ends with [9].", printed="| [9] |", corrected="[9]], which closes the bracket of line 521",
)  # fmt: skip
def printed_rows() -> Evidence:
    shown = _without_blanks(on_batches("", "batches_example").printed)
    return misread(
        observed(shown == LEFT, f"the listing prints {shown}"),
        observed(shown == f"{LEFT}]", "that is one bracket more"),
    )


# -- train ------------------------------------------------------------------------------------------

TRAIN = "w1, w2 = train(X, Y, X_test, Y_test, n_hidden_nodes=5, epochs=2, batch_size=4, lr=1)"


@claim(
    221, BATCHES.at(533), "code", "convention",
    says="train trains the network.", printed="def train(X_train, Y_train, X_test, Y_test",
    convention="the notebook has report, prepend_bias, sigmoid and softmax, which no slide prints",
)  # fmt: skip
def train_runs() -> Evidence:
    with_them = small_training(f"{TRAIN}\nprint(w1.shape, w2.shape)")
    alone = execute(
        "\n".join(listing(f"004_{n}") for n in ("forward", "back", "initialize_weights", "prepare_batches", "train")),
        before="import numpy as np",
        after="train(np.ones((4, 2)), np.eye(4), np.ones((4, 2)), np.eye(4), 3, 1, 2, 1)",
    )
    return conventional(
        observed(says(with_them) == "(5, 5) (6, 3)", f"with stand-ins it returns weights {says(with_them)}"),
        alone.outcome.about("with what the slides print"),
    )


@claim(
    222, BATCHES.at(534), "shape", "holds",
    says="The numbers of inputs and classes are the columns of X_train and Y_train: w1 is (inputs + 1) x hidden, w2 "
      "(hidden + 1) x classes.",
    printed="n_input_variables = X_train.shape[1]",
)  # fmt: skip
def sizes_of_the_weights() -> Evidence:
    run = small_training("w1, w2 = train(X, Y, X_test, Y_test, 7, 1, 3, 1)\nprint(w1.shape, w2.shape)")
    return judged(observed(says(run) == "(5, 7) (8, 3)", f"4 inputs, 7 hidden nodes, 3 classes: {says(run)}"))


@claim(
    223, BATCHES.at(545), "formula", "holds",
    says="Each batch moves w1 and w2 by lr against the gradient of the batch's mean loss, both from the same weights.",
    printed="w1 = w1 - (w1_gradient * lr)",
)  # fmt: skip
def step_of_a_batch() -> Evidence:
    forward, back = printed_function("forward"), printed_function("back")

    def gradients(dy, x, y, w1, w2):
        y_hat, h = forward(x, w1, w2)
        return tuple(dy * g for g in back(x, y, y_hat, w2, h))

    def loss(x, y, w1, w2):
        return mean_loss(x, y, w1, w2, activation=sigmoid)

    proved = derivative_at(loss, gradients, network_points("x", ["w1", "w2"]), by="w1 w2").about("back's gradients")
    after = f"""np.random.seed(3)
{TRAIN}
np.random.seed(3)
v1, v2 = initialize_weights(4, 5, 3)
for epoch in range(2):
    for at in (0, 4, 8):
        y_hat, h = forward(X[at:at + 4], v1, v2)
        g1, g2 = back(X[at:at + 4], Y[at:at + 4], y_hat, v2, h)
        v1, v2 = v1 - g1, v2 - g2
print(np.array_equal(w1, v1), np.array_equal(w2, v2))"""
    run = small_training(after)
    return judged(every(proved, observed(says(run) == "True True", f"train against those steps by hand: {says(run)}")))


@claim(
    224, BATCHES.at(547), "code", "holds",
    says="report is called after the update of every batch.", printed="report(epoch, batch, X_train, Y_train",
)  # fmt: skip
def report_of_every_batch() -> Evidence:
    after = f"""{TRAIN}
print([r[:2] for r in reports], all(r[2] is not s[2] for r, s in zip(reports, reports[1:])), reports[-1][2] is w1)"""
    wanted = "[(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] True True"
    run = small_training(after)
    return judged(observed(says(run) == wanted, f"epoch and batch of the calls, new weights each time: {says(run)}"))


# -- training, validation and test ------------------------------------------------------------------


@claim(
    225, SPLIT.at(559), "statement", "convention",
    says="Nobody looks at the test set until the very end.", printed="We'll never look at it until the very end.",
    convention="the X_test of train is a validation set; on lines 547 and 609 a set of that name is looked at after "
      "every batch",
)  # fmt: skip
def test_set_is_put_aside() -> Evidence:
    looked = "print(sum(r[4] is X_test for r in reports[:-1]))"
    apart = f"X_validation = X_test[:3]\ntrain(X, Y, X_validation, Y_test[:3], 5, 2, 4, 1)\n{looked}\nreports = []"
    validation, named = says(small_training(f"{apart}\n{TRAIN}\n{looked}")).split(maxsplit=1)
    return conventional(
        observed(validation == "0", f"given a validation set, train looks at the test set {validation} times"),
        observed(named == "0", f"given what the names say, {named} times before the last update"),
    )


@claim(
    226, SPLIT.at(560), "statement", "holds",
    says="The validation set, and not the training set, gauges performance.",
    printed="we use the validation set to gauge its performance",
)  # fmt: skip
def validation_gauges() -> Evidence:
    def accuracy(labels: tuple[int, ...], asked: tuple[int, ...]) -> Fraction:
        memory = {example: labels[example] for example in (0, 1)}
        answers = [memory.get(example, labels[0]) for example in asked]
        return Fraction(sum(a == labels[e] for a, e in zip(answers, asked, strict=True)), len(asked))

    trials = list(product((0, 1), repeat=4))
    training, validation = (sum(accuracy(t, asked) for t in trials) / len(trials) for asked in ((0, 1), (2, 3)))
    text = "two examples learnt by heart, labels without a rule: nothing can be right more often than 1/2 on new ones"
    return judged(
        observed((training, validation) == (1, Fraction(1, 2)), text, training=training, validation=validation)
    )


def chosen_accuracy(networks: int, examples: int) -> Fraction:
    """The expected accuracy of the best of so many networks that guess one of two classes, on the set that chose it."""
    below = [
        Fraction(sum(comb(examples, i) for i in range(k + 1)), 2**examples) ** networks for k in range(examples + 1)
    ]
    best = [below[k] - (below[k - 1] if k else 0) for k in range(examples + 1)]
    return sum((k * p for k, p in enumerate(best)), Fraction(0)) / examples


@claim(
    227, SPLIT.at(561), "statement", "holds",
    says="After tuning, the test set gives an objective idea of performance, which the set that tuning looked at does "
      "not.",
    printed="an objective idea of how it will perform in production",
)  # fmt: skip
def test_set_is_objective() -> Evidence:
    chosen, fresh = chosen_accuracy(5, 10), chosen_accuracy(1, 10)
    text = (
        "five networks that guess, ten examples: the best one's accuracy where it was chosen, and on a fresh test set"
    )
    return judged(
        observed(chosen > fresh == Fraction(1, 2), text, chosen=f"{float(chosen):.4f}", fresh=f"{float(fresh):.4f}")
    )


@claim(
    228, FOLDS.at(575), "statement", "holds",
    says="Each pass validates on one fold and trains on the others.",
    printed="we choose one fold for validation (in blue), and train with the others",
)  # fmt: skip
def folds() -> Evidence:
    for n, k in ((6, 3), (10, 3), (7, 7), (5, 2)):
        parts = np.array_split(np.arange(n), k)
        passes = [(part, np.concatenate([p for p in parts if p is not part])) for part in parts]
        validated = np.bincount(np.concatenate([v for v, _ in passes]), minlength=n)
        trained = np.bincount(np.concatenate([t for _, t in passes]), minlength=n)
        apart = all(not set(v) & set(t) for v, t in passes)
        if not (apart and (validated == 1).all() and (trained == k - 1).all()):
            return judged(observed(False, f"{n} examples in {k} folds: {validated.tolist()}, {trained.tolist()}"))
    return judged(
        observed(True, "every example is validated once, is trained on k - 1 times, and never both in a pass")
    )
