"""Slides 'PYTHON CODE' to 'Training the model': the listings as printed and as meant."""

from __future__ import annotations

from fractions import Fraction

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, same
from .._listings import Run, execute, listing
from .._outcome import Outcome, conventional, every, judged, misread, observed
from ._pieces import LOST, network_loss, sigmoid, softmax
from ._programs import functions, given, load, train
from .accuracies import ACCURACIES

CLAIMS: list[Claim] = []
claim = recorder("000", CLAIMS)

PYTHON = Slide("## PYTHON CODE", 319)
DEFINE = Slide("#### **Define functions**", 345)
BATCH = Slide("#### **Batch Gradient Descent**", 391)
MINI = Slide("#### Training the model", 441)
EPOCHS = Slide("#### Just calculate the loss and accuracy after each epoch", 490)

NET = {"x": "t n", "wh": "m n", "bh": "m", "wo": "k m", "bo": "k", "u": "t k"}

CLAIMS += [uncheckable("000-086", EPOCHS.at(551), "Training in pictures.", LOST)]


def says(run: Run, wanted: str) -> Outcome:
    """Did the program end, and print these words?"""
    said = " ".join(run.printed.split())
    return observed(not run.exception and said == wanted, run.exception or said)


# -- loading and functions --------------------------------------------------------------------------


@claim(
    92, PYTHON.at(333), "code", "transcription",
    says="The loading listing is Python.", printed="(x train,y train),(x test,y test)= mnist.load data()",
    corrected="x_train, y_train, x_test, y_test, load_data: the underscores are lost, and x_{train} is x_train",
)  # fmt: skip
def loading() -> Evidence:
    return misread(execute(listing("000_load")).outcome, load("").outcome.about("over 60 + 10 stand-in pictures"))


@claim(
    93, PYTHON.at(334), "code", "holds",
    says="Each picture becomes a row of 784 numbers from 0 to 1.", printed="/255.0",
)  # fmt: skip
def rows_of_pixels() -> Evidence:
    return judged(
        says(load("print(x_train.shape[1], x_train.max())"), "Load MNIST Database ----- (60, 784) (60, 10) 784 1.0")
    )


@claim(
    94, PYTHON.at(336), "code", "holds",
    says="np.eye(10)[y] makes a one-hot row of each label.", printed="np.matrix(np.eye(10)[y train])",
)  # fmt: skip
def one_hot_rows() -> Evidence:
    run = load("print((y_train.sum(axis=1) == 1).all(), (y_train.argmax(axis=1).A1 == np.arange(60) % 10).all())")
    return judged(says(run, "Load MNIST Database ----- (60, 784) (60, 10) True True"))


@claim(
    95, DEFINE.at(360), "code", "transcription",
    says="The listing of functions is Python.", printed="    LabelMaxArg=np.argmax(label,axis=1)",
    corrected="the line is indented like its neighbours",
)  # fmt: skip
def function_listing() -> Evidence:
    return misread(execute(listing("000_functions"), before="import numpy as np").outcome, functions("").outcome)


SUMS = "print(np.allclose(softmax(np.matrix([[0., 1, 2], [1, 0, 5]])).sum(axis=1), 1))"


@claim(
    96, DEFINE.at(351), "code", "convention",
    says="softmax calls np.mat.", printed="np.mat(np.sum(np.exp(x),axis=1))",
    convention="NumPy 1: np.mat was removed in NumPy 2.0, where it is np.asmatrix",
)  # fmt: skip
def removed_from_numpy() -> Evidence:
    return conventional(
        says(functions(SUMS), "True").about("with np.mat"), functions(SUMS, numpy_1="").outcome.about("with NumPy 2")
    )


@claim(
    97, DEFINE.at(351), "code", "convention",
    says="softmax divides each row by its sum.", printed="np.sum(np.exp(x),axis=1)",
    convention="x is an np.matrix, as Wh of line 378 makes it; of an array the sums become one row, and divide columns",
)  # fmt: skip
def softmax_of_an_array() -> Evidence:
    array = functions("print(np.allclose(softmax(np.array([[0., 1], [1, 5]])).sum(axis=1), 1))")
    return conventional(
        says(functions(SUMS), "True").about("matrix"), says(array, "True").about("2 x 2 array, rows sum to 1")
    )


@claim(
    98, DEFINE.at(361), "code", "convention",
    says="AccTest is the share of rows whose largest entries agree.", printed="np.mean(OutMaxArg==LabelMaxArg)",
    convention="label and prediction are both np.matrix; a label array of N rows is compared with all N predictions",
)  # fmt: skip
def accuracy() -> Evidence:
    call = "print(AccTest({}(np.eye(2)), np.matrix(np.eye(2))))"
    right = says(functions(call.format("np.matrix")), "1.0").about("two right predictions")
    return conventional(right, says(functions(call.format("np.array")), "1.0").about("with an array of labels"))


@claim(
    99, DEFINE.at(371), "code", "holds",
    says="The settings listing runs, and its weights have the shapes of the lines 244 and 258.",
    printed="NumTrainSamples=60000",
)  # fmt: skip
def settings() -> Evidence:
    run = execute(listing("000_settings"), before="import numpy as np", after="print(Wh.shape, Wo.shape, bh.shape)")
    return judged(says(run, "(512, 784) (10, 512) (1, 512)"))


# -- training ---------------------------------------------------------------------------------------

NAMES = "underscores (x_train, clear_output), d = o - y for 'o - v', and one indentation for each block"


def _garbled(name: str) -> Evidence:
    return misread(
        execute(listing(name), before=given()).outcome, train(f"{name}_meant", "").outcome.about("on small data")
    )


def _training_claims() -> None:
    for number, place, name, printed in (
        (100, BATCH.at(408), "000_batch", "d = o - v"),
        (101, MINI.at(463), "000_minibatch", "d = o - v"),
        (102, EPOCHS.at(502), "000_epochs", "Batch samples ="),
    ):
        claim(number, place, "code", "transcription", says="The training listing is Python.", printed=printed,
              corrected=NAMES)(lambda name=name: _garbled(name))  # fmt: skip
    for number, place, name in ((103, BATCH.at(425), "000_batch"), (104, MINI.at(484), "000_minibatch")):
        claim(number, place, "code", "erratum", says="The accuracies are plotted with plt.", printed="plt.plot(",
              corrected="import matplotlib.pyplot as plt first: no listing of the lecture does",
              )(lambda name=name: _plotting(name))  # fmt: skip
    for first, place, lines in ((105, BATCH, (414, 416)), (107, MINI, (473, 475)), (109, EPOCHS, (521, 523))):
        for number, line, layer in ((first, lines[0], "o"), (first + 1, lines[1], "h")):
            d = "d" if layer == "o" else "dhs"
            still = ": its rows sum to 0, so that bo never moves" if layer == "o" else ""
            claim(number, place.at(line), "code", "erratum", printed=f"db{layer} = np.mean({d}) # consider a is 1 for "
                  "bias", says=f"The gradient by b{layer} is the mean of all entries of {d}.",
                  corrected=f"np.mean({d}, axis=0): one number a neuron, not the mean over the neurons too{still}",
                  )(lambda layer=layer: _bias(layer))  # fmt: skip


def _plotting(name: str) -> Evidence:
    without = train(f"{name}_meant", "", plotting="").outcome
    return judged(without, train(f"{name}_meant", "").outcome.about("with plt"))


def _bias(layer: str) -> Evidence:
    def errors(x, wh, bh, wo, bo, u):
        a = sigmoid(x @ wh.T + bh)
        d = softmax(a @ wo.T + bo) - softmax(u)
        return d if layer == "o" else d @ wo * a * (1 - a)

    def mean_loss(*at):
        return network_loss(*at) / len(at[0])

    def everywhere(dy, *at):
        e = errors(*at)
        return dy * (e.sum() / e.size + 0 * e.sum(axis=0))

    def by_neuron(dy, *at):
        return dy * errors(*at).sum(axis=0) / len(at[0])

    def total(**at):
        return errors(**at).sum()

    by = f"b{layer}"
    right = derivative(mean_loss, by_neuron, NET, by=by, least=2)
    if layer == "o":
        right = every(right, same(total, lambda **at: 0 * at["bo"].sum(), NET).about("the sum of all of d against 0"))
    return judged(derivative(mean_loss, everywhere, NET, by=by, least=2), right)


_training_claims()


@claim(
    111, BATCH.at(421), "code", "erratum",
    says="The accuracy is tested with the random initial weights.",
    printed="Test accuracy with random innitial weights",
    corrected="with the weights just updated: it is the accuracy after each step",
)  # fmt: skip
def accuracy_of_updated_weights() -> Evidence:
    before = "first = Forwardpass(x_test,Wh,bh,Wo,bo)"
    initial = train("000_batch_meant", "print(np.array_equal(prediction, first))", before=before)
    updated = train("000_batch_meant", "print(np.array_equal(prediction, Forwardpass(x_test,Wh,bh,Wo,bo)))")
    return judged(
        says(initial, "True").about("the prediction is that of the initial weights"),
        says(updated, "True").about("that of the weights at the end"),
    )


@claim(
    112, BATCH.at(438), "code", "transcription",
    says="The test listing prints the rate.", printed="Print(Rate)", corrected="print(Rate), as on line 338",
)  # fmt: skip
def capital_print() -> Evidence:
    source = listing("000_test")
    return misread(
        execute(source, before=given()).outcome, execute(source.replace("Print", "print"), before=given()).outcome
    )


@claim(
    113, EPOCHS.at(490), "code", "erratum",
    says="This listing calculates loss and accuracy only after each epoch.",
    printed="Just calculate the loss and accuracy after each epoch",
    corrected="only the accuracy: line 511 still appends the loss of every batch",
)  # fmt: skip
def loss_of_every_batch() -> Evidence:
    run = train("000_epochs_meant", "print('losses', len(loss), 'accuracies', len(Acc), 'epochs', Epoch)")
    said = " ".join(run.printed.split()).partition("losses ")[2]
    return judged(
        observed(said == "5 accuracies 5 epochs 5", f"losses {said or run.exception}, 5 batches each"),
        observed(said == "25 accuracies 5 epochs 5", "one accuracy an epoch, five losses"),
    )


@claim(
    114, EPOCHS.at(546), "number", "holds",
    says="The printed accuracies are shares of the 10000 test pictures of line 372.", printed="0.9251",
)  # fmt: skip
def shares_of_the_test_pictures() -> Evidence:
    whole = all((Fraction(a) * 10000).denominator == 1 for a in ACCURACIES.values())
    return judged(observed(whole, "each is a whole number of ten-thousandths"))


# -- one sample, a batch, all -----------------------------------------------------------------------

METHODS = Slide("# Stochastic gradient descent – batch and mini-batch gradient descent", 175)
ALL_ONCE = "print(sorted(Batch_samples.tolist()) == list(range(40)), len(loss) // Epoch)"


@claim(
    115, METHODS.at(177), "statement", "holds",
    says="Stochastic gradient descent uses one sample in each iteration.", printed="use 1 sample in each iteration",
)  # fmt: skip
def one_sample() -> Evidence:
    run = train("000_epochs_meant", "print('seen', len(Batch_samples), len(loss) // Epoch)", batch=1)
    tail = run.printed.partition("seen ")[2].split()
    return judged(observed(tail == ["1", "40"], f"batches of 1: samples, iterations an epoch: {tail}"))


@claim(
    116, METHODS.at(178), "statement", "holds",
    says="Batch gradient descent uses all samples in each iteration.", printed="use all samples in each iteration",
)  # fmt: skip
def all_samples() -> Evidence:
    run = train("000_batch_meant", "print(len(x), len(loss) // Epoch)")
    return judged(says(run, "40 1").about("samples, iterations an epoch"))


@claim(
    117, METHODS.at(179), "statement", "holds",
    says="A mini-batch of all samples is batch gradient descent: the mean of the samples' gradients either way.",
    printed="use b sample in each iteration, in this case, b is the batch size",
)  # fmt: skip
def a_batch_of_all() -> Evidence:
    def mean_of_samples(a, wo, u):
        return sum((softmax(a[i] @ wo.T) - softmax(u[i]))[:, None] * a[i] for i in range(len(a))) / len(a)

    def at_once(a, wo, u):
        return (softmax(a @ wo.T) - softmax(u)).T @ a / len(a)

    return judged(same(at_once, mean_of_samples, {"a": "t m", "wo": "k m", "u": "t k"}))


@claim(
    118, METHODS.at(180), "statement", "holds",
    says="In mini-batch stochastic gradient descent the batch is drawn at random: the listing shuffles, and takes "
      "every sample once an epoch.", printed="the batch of training samples is randomly selected",
)  # fmt: skip
def random_batches() -> Evidence:
    after = "print('seen', sorted(Stochastic_samples.tolist()) == list(range(40)), Stochastic_samples[0] != 0 or Stochastic_samples[1] != 1)"  # noqa: E501
    run = train("000_epochs_meant", after)
    tail = run.printed.partition("seen ")[2].split()
    return judged(every(observed(tail == ["True", "True"], f"each sample once, in another order: {tail}")))
