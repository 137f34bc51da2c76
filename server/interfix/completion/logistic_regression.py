"""Logistic regression with a Gaussian prior, solved by Newton's method."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MAX_ITERATIONS = 50
_TOLERANCE = 1e-9


def fit_logistic(
    features: ArrayLike,
    labels: ArrayLike,
    prior: ArrayLike,
    prior_deviations: ArrayLike,
    weights: ArrayLike = 1.0,
    *,
    start: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """The most probable coefficients of P(label) = sigmoid(features @ coefficients), each normal about its prior beforehand.

    Labels may be fractions; `weights` is how much each row counts. The prior keeps it defined where the rows alone would not:
    for none at all, and where they can be told apart perfectly. There is one answer, which is found sooner from a `start` near it.
    """
    x, y = np.asarray(features, float), np.asarray(labels, float)
    mean, precision = np.asarray(prior, float), 1 / np.asarray(prior_deviations, float) ** 2
    counts = np.broadcast_to(np.asarray(weights, float), y.shape)
    if not len(y):
        return mean.copy()
    at = (mean if start is None else start).copy()

    def loss(c: NDArray[np.float64]) -> float:
        z = x @ c
        return float(counts @ (np.logaddexp(0, z) - y * z) + precision @ (c - mean) ** 2 / 2)

    for _ in range(_MAX_ITERATIONS):
        p = sigmoid(x @ at)
        slope = x.T @ (counts * (y - p)) - precision * (at - mean)
        bend = (x.T * (counts * p * (1 - p))) @ x + np.diag(precision)
        step = np.linalg.solve(bend, slope)
        # Far from the answer Newton overshoots.
        while loss(at + step) > loss(at) and np.abs(step).max() > _TOLERANCE:
            step /= 2
        at = at + step
        if np.abs(step).max() < _TOLERANCE:
            break
    return at


def sigmoid(z: ArrayLike) -> NDArray[np.float64]:
    """1 / (1 + e^-z), without overflow."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(z, float))))


def logit(p: ArrayLike) -> NDArray[np.float64]:
    """The inverse of `sigmoid`; probabilities are kept a millionth away from 0 and 1."""
    inside = np.clip(np.asarray(p, float), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside) - np.log1p(-inside))
