"""scikit-learn's isolation forest on the rows of benches/forest/toy.rs: fit, rows scored a second, AUC.

pip install scikit-learn; OMP_NUM_THREADS=1 python benches/peers/forest.py 1000000
"""

import sys
import time

import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score

u64 = np.uint64


def uniform(n):
    z = n * u64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> u64(30))) * u64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> u64(27))) * u64(0x94D049BB133111EB)
    return ((z ^ (z >> u64(31))) >> u64(11)).astype(np.float64) / 2.0**53


def normal(n):
    n = n.astype(u64)
    radius = np.sqrt(-2 * np.log(1 - uniform(u64(2) * n + u64(1))))
    return radius * np.cos(2 * np.pi * uniform(u64(2) * n + u64(2)))


def toy(rows):
    row = np.arange(rows)
    kind = np.where(row % 100 == 0, 1 + row // 100 % 2, 0)
    common = 0.9 * normal(row * 9)
    columns = []
    for feature in range(8):
        own = normal(row * 9 + 1 + feature)
        sign = np.where((kind == 2) & (feature % 2 == 1), -1.0, 1.0)
        columns.append(np.where(kind == 1, 1.8 * own, sign * common + 0.436 * own))
    return np.column_stack(columns), row % 100 == 0


rows, odd = toy(int(sys.argv[1]))
for seed in range(3):
    start = time.process_time()
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=seed).fit(rows)
    grown = time.process_time()
    scores = -forest.score_samples(rows)
    done = time.process_time()
    auc = roc_auc_score(odd, scores)
    print(f"fit {1e3 * (grown - start):.0f} CPU-ms, score {len(rows) / (done - grown):.0f} rows/s, AUC {auc:.3f}")
