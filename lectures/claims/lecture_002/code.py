"""Slides 'Python Code Activation Function and Its derivatives': the listings as printed, as meant, and repaired."""

from __future__ import annotations

import numpy as np

from .._claim import Claim, Evidence, Slide, recorder, uncheckable
from .._exact import derivative, has_shape, same
from .._listings import execute, listing
from .._outcome import conventional, every, judged, misread
from ._pieces import relu, sigmoid, softmax
from ._programs import BY_ROW, IMPORT, ROW_SUMS, answers, repaired

CLAIMS: list[Claim] = []
claim = recorder("002", CLAIMS)

FIRST = Slide("### Python Code Activation Function and Its derivatives", 697)
SECOND = Slide("### Python Code Activation Function and Its derivatives", 735)
THIRD = Slide("### Python Code Activation Function and Its derivatives", 772)

BATCH = {"Z": "m n"}
RETURNED = {" Z[Z > 0.0] = 1.0": " Z[Z > 0.0] = 1.0\n  return Z"}


# -- what the text lost -----------------------------------------------------------------------------


def _record_listing(number: int, place, name: str, printed: str, corrected: str) -> None:
    @claim(number, place, "code", "transcription", says="The listing is Python.", printed=printed, corrected=corrected)
    def check() -> Evidence:
        return misread(
            execute(listing(name), before=IMPORT).outcome,
            execute(listing("002_functions_meant"), before=IMPORT).outcome.about("all functions as meant"),
        )


_record_listing(
    226,
    FIRST.at(702),
    "002_relu",
    '  "ReLU function',
    "three quotes open the docstring, and three close it after line 705",
)


@claim(
    227, FIRST.at(713), "code", "transcription",
    says="Entries are compared with \\le.", printed=r"Z[Z \le 0.0]", corrected="Z <= 0.0, which the slide shows as ≤",
)  # fmt: skip
def sign_of_comparison() -> Evidence:
    meant = listing("002_functions_meant")
    return misread(
        execute(repaired(meant, {"Z <= 0.0": r"Z \le 0.0"}), before=IMPORT).outcome.about("all else as meant"),
        execute(meant, before=IMPORT).outcome,
    )


_record_listing(
    228,
    FIRST.at(719),
    "002_sigmoid",
    '  "Sigmoid function',
    "three quotes before and after each docstring, as on line 702",
)
_record_listing(
    229, SECOND.at(740), "002_softmax", '""SoftmaxDerivative function',
    "three quotes, of which two are left here and on line 744",
)  # fmt: skip
_record_listing(
    230, SECOND.at(761), "002_softmax_derivative", "= Softmax(Z)",
    "s = Softmax(Z), and a = np.eye(...) on line 762: the names that lines 763 to 766 use; three quotes on line 752",
)  # fmt: skip


# -- ReLU -------------------------------------------------------------------------------------------


@claim(
    231, FIRST.at(706), "code", "holds",
    says="ReLU returns the larger of 0 and each entry.", printed="return np.maximum(0, Z)",
)  # fmt: skip
def code_of_relu() -> Evidence:
    run = answers("relu", "[[0.0, 0.0], [3.0, 0.0]]")
    formula = same(lambda Z: relu(Z) + 0 * Z, lambda Z: (Z + abs(Z)) / 2, BATCH).about("(Z + |Z|)/2")
    return judged(every(run, formula))


@claim(
    232, FIRST.at(704), "shape", "holds",
    says="It takes a matrix of m samples and n neurons, and keeps its shape; so does Sigmoid.",
    printed="Z: a 2d matrix (mxn): m mini-batch, n output neurons",
)  # fmt: skip
def shapes_of_activations() -> Evidence:
    run = answers("shapes", "(3, 2) (3, 2)")
    return judged(every(run, has_shape(lambda Z: sigmoid(Z), "m n", BATCH)))


@claim(
    233, FIRST.at(712), "code", "erratum",
    says="ReLU's derivative is returned.", printed="Returns: derivative of ReLU values",
    corrected="return Z at the end: without a return the function gives None",
)  # fmt: skip
def no_return() -> Evidence:
    wanted = "[[0. 0.] [1. 1.]]"
    return judged(answers("relu derivative", wanted), answers("relu derivative", wanted, RETURNED))


@claim(
    234, FIRST.at(714), "code", "holds",
    says="What is written into Z is the derivative: 0 up to zero, 1 above.", printed="Z[Z > 0.0] = 1.0",
)  # fmt: skip
def values_in_place() -> Evidence:
    return judged(answers("relu derivative in place", "[[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]"))


@claim(
    235, FIRST.at(713), "code", "erratum",
    says="The function reads its input Z.", printed="Z[Z",
    corrected="np.where(Z > 0.0, 1.0, 0.0), a new array: the caller's sums are overwritten, and a second use "
      "of them is wrong",
)  # fmt: skip
def input_is_overwritten() -> Evidence:
    wanted = "[[-2.0, 3.0]] [[0.0, 3.0]]"
    new = {" Z[Z <= 0.0] = 0.0\n": "", "  Z[Z > 0.0] = 1.0": " return np.where(Z > 0.0, 1.0, 0.0)"}
    return judged(answers("Z afterwards", wanted), answers("Z afterwards", wanted, new))


@claim(
    236, FIRST.at(708), "code", "convention",
    says="The derivative of ReLU is called ReLUDervivative.", printed="def ReLUDervivative(Z):",
    convention="the name as it is spelt; the functions beside it are called SigmoidDerivative and SoftmaxDerivative",
)  # fmt: skip
def spelling() -> Evidence:
    return conventional(answers("name as spelt", "called"), answers("name as expected", "called"))


# -- sigmoid ----------------------------------------------------------------------------------------


@claim(
    237, FIRST.at(723), "code", "holds",
    says="Sigmoid returns 1/(1 + e^-Z).", printed="return np.divide(1.0, np.add(1.0, np.exp(-Z)))",
)  # fmt: skip
def code_of_sigmoid() -> Evidence:
    run = answers("sigmoid", "[[0.5, 0.880797]]")

    def as_coded(Z):
        return np.divide(1.0, np.add(1.0, np.exp(-Z)))

    return judged(every(run, same(as_coded, lambda Z: (1 + np.tanh(Z / 2)) / 2, BATCH)))


@claim(
    238, FIRST.at(723), "code", "convention",
    says="Sigmoid can be computed so for every Z.", printed="np.exp(-Z)",
    convention="overflow is let pass: below about -709 (-88 in single precision) exp overflows, with a warning, "
      "though the result 0 is right",
)  # fmt: skip
def overflow_of_sigmoid() -> Evidence:
    return conventional(answers("sigmoid, overflow ignored", "[[0.0]]"), answers("sigmoid, overflow raised", "[[0.0]]"))


@claim(
    239, FIRST.at(730), "code", "erratum",
    says="Sigmoid's derivative calls np.sub.", printed="np.sub(1.0, Sigmoid(Z))",
    corrected="np.subtract: NumPy has no np.sub",
)  # fmt: skip
def no_such_function() -> Evidence:
    wanted = "[[0.25], [0.25]]"
    right = answers("sigmoid derivative", wanted, {"np.sub(": "np.subtract("})
    return judged(answers("sigmoid derivative", wanted), right)


@claim(
    240, FIRST.at(730), "code", "holds",
    says="With the subtraction it is the derivative σ (1 - σ).", printed="return np.multiply(Sigmoid(Z),",
)  # fmt: skip
def derivative_of_sigmoid() -> Evidence:
    def coded(dy, Z):
        return dy * np.multiply(sigmoid(Z), np.subtract(1.0, sigmoid(Z)))

    return judged(derivative(sigmoid, coded, BATCH, by="Z"))


# -- softmax ----------------------------------------------------------------------------------------


@claim(
    241, SECOND.at(740), "code", "erratum",
    says="The function Softmax is the function SoftmaxDerivative, its docstring says.",
    printed="SoftmaxDerivative function",
    corrected="Softmax function: for one sample it returns the softmax, n numbers, not the n x n derivative",
)  # fmt: skip
def docstring_of_another() -> Evidence:
    return judged(answers("shape of one sample", "(1, 2, 2)"), answers("softmax of one sample", "[[0.25, 0.75]]"))


@claim(
    242, SECOND.at(745), "code", "holds",
    says="Subtracting the largest entry first does not change the softmax of a sample, and keeps exp from "
      "overflowing.",
    printed="np.exp(np.subtract(Z, np.max(Z)))",
)  # fmt: skip
def shifted() -> Evidence:
    exact = same(lambda z: softmax(z - z.max()), softmax, {"z": "n"}).about("one sample, exactly")
    return judged(every(exact, answers("softmax of 1000", "[[0.5, 0.5]]")))


@claim(
    243, SECOND.at(746), "code", "erratum",
    says="The exponentials are divided by the sum over the whole matrix.", printed="ExpValSum = np.sum(ExpVals)",
    corrected="np.sum(ExpVals, axis=-1, keepdims=True): every sample's outputs must sum to 1, not those of the batch",
)  # fmt: skip
def sum_over_the_batch() -> Evidence:
    question, wanted = "softmax of two samples", "[[0.5, 0.5], [0.5, 0.5]]"

    def over_all(Z):
        return np.exp(Z) / np.exp(Z).sum()

    printed = every(answers(question, wanted), same(over_all, lambda Z: softmax(Z), BATCH))
    return judged(printed, answers(question, wanted, ROW_SUMS))


@claim(
    244, SECOND.at(745), "code", "erratum",
    says="The largest entry of the whole matrix may be subtracted from every sample.", printed="np.max(Z)",
    corrected="np.max(Z, axis=-1, keepdims=True): a sample far below the largest entry underflows to 0, and "
      "0/0 is not a number once each row has its own sum",
)  # fmt: skip
def largest_of_the_batch() -> Evidence:
    question, wanted = "softmax of 0 and 1000", "[[0.5, 0.5], [0.5, 0.5]]"
    return judged(
        answers(question, wanted, ROW_SUMS).about("with row sums"),
        answers(question, wanted, BY_ROW).about("and row maxima"),
    )


# -- the Jacobian -----------------------------------------------------------------------------------

CLAIMS.append(
    uncheckable(
        "002-245", SECOND.at(751), "It is the best implementation, and very fast.",
        "an opinion: neither a time nor another implementation is given", "Best implementation (VERY FAST)",
    )
)  # fmt: skip


def _jacobian(s):
    """Lines 762 and 765 to 767 of the softmax values s (m, n)."""
    a = np.eye(s.shape[-1])
    return np.subtract(np.einsum("ij,jk->ijk", s, a), np.einsum("ij,ik->ijk", s, s))


@claim(
    246, SECOND.at(752), "code", "holds",
    says="It returns Jacobians: of softmax values by row, one n x n matrix for each sample, proved.",
    printed="Returns the jacobian of the Softmax function",
)  # fmt: skip
def jacobian_of_each_row() -> Evidence:
    def back(dy, Z):
        return np.einsum("ij,ijk->ik", dy, _jacobian(softmax(Z)))

    return judged(
        every(
            derivative(softmax, back, BATCH, by="Z"),
            answers("shape of the Jacobian", "(3, 2, 2)"),
        )
    )


@claim(
    247, SECOND.at(754), "code", "erratum",
    says="The argument is called x.", printed="x: should be a 2d (mxn) matrix", corrected="Z, as on line 751",
)  # fmt: skip
def name_of_the_argument() -> Evidence:
    return judged(answers("Jacobian of x", "(1, 2, 2)"), answers("Jacobian of Z", "(1, 2, 2)"))


@claim(
    248, SECOND.at(754), "shape", "holds",
    says="The matrix has to be two-dimensional.", printed="should be a 2d (mxn) matrix",
)  # fmt: skip
def two_dimensional() -> Evidence:
    stops = answers("Jacobian of one axis", "IndexError: tuple index out of range")
    return judged(every(answers("shape of the Jacobian", "(3, 2, 2)"), stops))


@claim(
    249, SECOND.at(763), "code", "erratum",
    says="The arrays of the result are single precision.", printed="dtype=np.float32",
    corrected="they have the precision of Z: the lines 763 and 764 make zeros that the next lines replace, and can be "
      "left out",
)  # fmt: skip
def zeros_thrown_away() -> Evidence:
    question = "type of the Jacobian"
    without = {
        f"  Temp{k} = np.zeros((s.shape[0], s.shape[1], s.shape[1]),dtype=np.float32)\n": "" for k in (1, 2)
    }  # fmt: skip
    return judged(answers(question, "float32"), answers(question, "float64", without).about("left out"))


@claim(
    250, SECOND.at(765), "code", "holds",
    says="The first product puts each sample's softmax on a diagonal.", printed="np.einsum('ij,jk->ijk', s, a)",
)  # fmt: skip
def diagonals() -> Evidence:
    def coded(s):
        return np.einsum("ij,jk->ijk", s, np.eye(s.shape[-1]))

    def one_by_one(s):
        return np.array([[[v if j == k else 0 * v for k in range(len(row))] for j, v in enumerate(row)] for row in s])

    return judged(same(coded, one_by_one, {"s": "m n"}))


@claim(
    251, SECOND.at(766), "code", "holds",
    says="The second is the products of each sample's softmax values by pairs.",
    printed="np.einsum('ij,ik->ijk', s, s)",
)  # fmt: skip
def outer_products() -> Evidence:
    def one_by_one(s):
        return np.array([[[p * q for q in row] for p in row] for row in s])

    return judged(same(lambda s: np.einsum("ij,ik->ijk", s, s), one_by_one, {"s": "m n"}))


@claim(
    252, SECOND.at(767), "code", "erratum",
    says="The function returns the Jacobian of the softmax of a batch.", printed="return np.subtract(Temp1, Temp2)",
    corrected="only with the softmax of each row: with the Softmax above, whose values sum to 1 over the batch, the "
      "rows of the Jacobian do not sum to 0",
)  # fmt: skip
def jacobian_of_a_batch() -> Evidence:
    question = "Jacobian of two samples"
    one = "[[0.25, -0.25], [-0.25, 0.25]]"
    wanted = f"[{one}, {one}]"

    def over_all(dy, Z):
        e = np.exp(Z)
        return np.einsum("ij,ijk->ik", dy, _jacobian(e / e.sum()))

    printed = answers(question, wanted)
    formula = derivative(softmax, over_all, BATCH, by="Z", least=2)
    return judged(every(printed, formula), answers(question, wanted, BY_ROW))


@claim(
    253, SECOND.at(767), "code", "erratum",
    says="It is at least the derivative of the Softmax above, the one over the whole batch.",
    printed="np.subtract(Temp1, Temp2)",
    corrected="of one sample only; of more it lacks the derivatives across samples: there every value depends "
      "on every entry of Z",
)  # fmt: skip
def derivative_of_the_printed_softmax() -> Evidence:
    def over_all(Z):
        return np.exp(Z) / np.exp(Z).sum()

    def coded(dy, Z):
        return np.einsum("ij,ijk->ik", dy, _jacobian(over_all(Z)))

    def across(dy, Z):
        s = over_all(Z)
        return s * (dy - (dy * s).sum())

    return judged(
        derivative(over_all, coded, BATCH, by="Z").about("the code's blocks"),
        derivative(over_all, across, BATCH, by="Z").about("with the blocks across samples"),
    )


@claim(
    254, SECOND.at(739), "code", "convention",
    says="Softmax works on a mini-batch.", printed="def Softmax(Z):",
    convention="a mini-batch of one sample",
)  # fmt: skip
def batches_of_one() -> Evidence:
    return conventional(answers("sums of one sample", "[1.0]"), answers("sums of two samples", "[1.0, 1.0]"))


CLAIMS.append(
    uncheckable("002-255", THIRD.at(772), "More code of activation functions.",
    "the slide's listing is lost: only its "
                "heading is in the text")
)  # fmt: skip
