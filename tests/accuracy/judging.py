"""How alarms and scores are judged. Each measure says where it is from; all take arrays of one series."""

import math

import numpy as np

DELAY = 7


def f1(hit, false, missed):
    return 2 * hit / (2 * hit + false + missed) if hit else 0.0


def runs(flags):
    """First and behind-last index of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


class Labelled:
    """One series with labels, ready to be judged at many thresholds.

    Delay-adjusted: a run of labels counts as found as a whole if one of its first `DELAY` + 1 points is flagged, and as
    missed as a whole otherwise (AIOps contest 2018, iopsai/iops evaluation.py). Events: runs found so, against runs of
    flags outside labels; a run of flags that leaves a run of labels counts as one of its own.
    """

    def __init__(self, scores, labels, step_s):
        self.scores, self.labels = scores, labels.astype(bool)
        self.days = len(scores) * step_s / 86_400
        self.events = runs(self.labels)
        self.lengths = np.array([end - start for start, end in self.events])
        self.best = np.array([scores[start : min(start + DELAY + 1, end)].max() for start, end in self.events])

    def counts(self, threshold):
        """Hits, false and missed by the delay-adjusted, the plain point and the event rule."""
        flags, found = self.scores >= threshold, self.best >= threshold
        outside = flags & ~self.labels
        starts = outside & ~np.concatenate([[False], outside[:-1]])
        points = int(outside.sum())
        delayed = (int(self.lengths[found].sum()), points, int(self.lengths[~found].sum())) if len(found) else (0, points, 0)
        inside = int((flags & self.labels).sum())
        return np.array([*delayed, inside, points, int(self.labels.sum()) - inside, found.sum(), starts.sum(), (~found).sum()])


RULES = {"delay": slice(0, 3), "point": slice(3, 6), "event": slice(6, 9)}


def pooled(series, threshold):
    """F1 by each rule over all series together, and runs of false alarms a series and day."""
    total = sum(one.counts(threshold) for one in series)
    figures = {rule: f1(*total[part]) for rule, part in RULES.items()}
    return figures | {"false": total[7] / sum(one.days for one in series)}


def best_threshold(series, rule):
    """The threshold with the best F1 by `rule`."""
    scores = np.concatenate([one.scores for one in series])
    grid = np.unique(np.quantile(scores[scores > 0], 1 - np.geomspace(1e-6, 0.03, 80)))
    return max(grid, key=lambda threshold: pooled(series, threshold)[rule])


def vus_pr(scores, labels, widest=100, every=10, levels=250):
    """Volume under the surface of precision and recall (Paparrizos et al., PVLDB 15, 2022; TSB-AD's form).

    Labels are widened by a ramp of sqrt(1 - distance / width) on both sides; recall counts with the share of widened
    events that are met at all. The mean over widths of 0 to `widest`.
    """
    labels, order = labels.astype(bool), np.argsort(-scores, kind="stable")
    at = np.unique(np.linspace(0, len(scores) - 1, levels).astype(int))
    thresholds = scores[order][at]
    flagged = np.searchsorted(-scores[order], -thresholds, side="right")
    areas = []
    for width in range(0, widest + 1, every):
        wide = labels.astype(float)
        for start, end in runs(labels):
            half = width // 2
            if half:
                ramp = np.sqrt(1 - np.arange(1, half + 1) / width)
                before, behind = min(half, start), min(half, len(wide) - end)
                wide[start - before : start] = np.maximum(wide[start - before : start], ramp[:before][::-1])
                wide[end : end + behind] = np.maximum(wide[end : end + behind], ramp[:behind])
        tops = np.array([scores[start:end].max() for start, end in runs(wide > 0)])
        hits = np.cumsum(wide[order])[flagged - 1]
        ramped = np.cumsum(np.where(labels, 0, wide)[order])[flagged - 1]
        met = (tops[None, :] >= thresholds[:, None]).mean(axis=1)
        positives = labels.sum() + ramped / 2
        recall = np.concatenate([[0], np.minimum(hits / positives, 1) * met])
        areas.append(float(np.sum(np.diff(recall) * (hits / flagged))))
    return float(np.mean(areas))


def sigmoid(x):
    """From 1 far inside of a window over 0 at its end to -1 beyond three widths behind it."""
    return 2 / (1 + math.exp(5 * x)) - 1 if x <= 3 else -1.0


def nab(files):
    """NAB's score, standard profile, with the one threshold over all files that is best for it (NAB, nab/sweeper.py).

    `files` are pairs of scores and windows as pairs of first and last row. The first 15 %, at most 750 rows, are not
    judged. A window earns its earliest flag by a sigmoid, 1 at its left edge; a flag outside costs up to 0.11, the more
    the farther behind the last window; a missed window costs 1.
    """
    rows, windows = [], 0
    for number, (scores, spans) in enumerate(files):
        windows += len(spans)
        for row in range(min(int(0.15 * len(scores)), 750), len(scores)):
            inside = next((span for span in spans if span[0] <= row <= span[1]), None)
            passed = [span for span in spans if span[1] < row]
            if inside:
                length = inside[1] - inside[0] + 1
                rows.append((scores[row], (number, inside), sigmoid(-(inside[1] - row + 1) / length) / sigmoid(-1.0)))
            elif passed:
                first, last = passed[-1]
                rows.append((scores[row], None, sigmoid((row - last) / max(last - first, 1))))
            else:
                rows.append((scores[row], None, -1.0))
    rows.sort(key=lambda row: -row[0])
    earned, total, best = {}, 0.0, 0.0
    for place, (score, window, worth) in enumerate(rows):
        if window is None:
            total += 0.11 * worth
        elif worth > earned.get(window, -1.0):
            total += worth - earned.get(window, -1.0)
            earned[window] = worth
        if place + 1 == len(rows) or rows[place + 1][0] < score:
            best = max(best, total)
    return 100 * best / (2 * windows)
