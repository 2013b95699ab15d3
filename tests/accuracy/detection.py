"""The protocol of each data set of `detect`, one function each.

Everywhere: `foreroute detect` with its default settings, the same for all series; a row is judged by what came before
it. Where thresholds are learnt, they are learnt from training parts only, one for all series.
"""

import json
from datetime import timedelta

import numpy as np
import polars as pl

import judging
from product import Row


def kpi_curves(product, data):
    """KPI contest curves: tails and threshold from the first halves, judged on the second.

    The labels of the first halves keep known anomalies out of the tails and choose the threshold, one for all curves
    and one for each rule. False alarms are those at the threshold that is best for events.
    """
    frame = pl.read_parquet(data / "anomaly/kpi.parquet").sort("kpi_id", "ts")
    found = product.detect(frame, value="value", series="kpi_id", train_until="is_train=1", label="label")
    frame = frame.with_columns(score=found["score"])
    halves = {1: [], 0: []}
    surface = []
    for (_, is_train), part in frame.group_by(["kpi_id", "is_train"], maintain_order=True):
        step_s = part["ts"].diff().median().total_seconds()
        scores, labels = part["score"].to_numpy(), part["label"].to_numpy()
        halves[is_train].append(judging.Labelled(scores, labels, step_s))
        if not is_train:
            surface.append(judging.vus_pr(scores, labels))
    thresholds = {rule: judging.best_threshold(halves[1], rule) for rule in judging.RULES}
    figures = {rule: judging.pooled(halves[0], threshold) for rule, threshold in thresholds.items()}
    at_delay, at_event = figures["delay"], figures["event"]
    beside = f"same alarms: point {at_delay['point']:.3f}, event {at_delay['event']:.3f}, {at_delay['false']:.2f} false a day"
    other = f"same alarms: delay {at_event['delay']:.3f}, point {at_event['point']:.3f}"
    return [
        Row("KPI contest", "delay-adjusted F1, delay 7", at_delay["delay"], least=0.85, remarks=beside),
        Row("KPI contest", "plain point F1", figures["point"]["point"], remarks="threshold best for points"),
        Row("KPI contest", "event F1", at_event["event"], least=0.78, remarks=other),
        Row("KPI contest", ".. false alarms a curve and day", at_event["false"], 0.15, remarks="best simple 0.21"),
        Row("KPI contest", "VUS-PR, mean of curves", float(np.mean(surface)), least=0.36, remarks="best simple 0.33"),
    ]


def nab(product, data):
    """NAB, shared half: scores as they come, online; NAB chooses the threshold.

    NAB pays for the first flag of a window and charges each one outside, so operators' controls are set as for a pager
    that tells once: every other day an alarm, and a rest of a twentieth of the past after one.
    """
    frame = pl.read_parquet(data / "anomaly/nab.parquet")
    windows = json.loads((data / "anomaly/nab_windows.json").read_text())
    found = product.detect(frame.select("file", "ts", "value"), value="value", series="file", sensitivity="0.5", rest="5%")
    scored = frame.select("file", "ts", "is_window").with_columns(score=found["score"])
    files, surface = [], []
    for name, about in windows.items():
        part = scored.filter(pl.col("file") == name)
        instants = part["ts"].dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list()
        scores, spans = part["score"].to_numpy(), about["windows"]
        files.append((scores, [(instants.index(first), instants.index(last)) for first, last in spans]))
        surface.append(judging.vus_pr(scores, part["is_window"].to_numpy()))
    return [
        Row("NAB, shared half", "score, standard profile", judging.nab(files), least=76, remarks="HTM 75.3, CAD OSE 74.5"),
        Row("NAB, shared half", "VUS-PR, mean of files", float(np.mean(surface)), least=0.30, remarks="best simple 0.25"),
    ]


def petshop(product, data):
    """PetShop: each issue of PetSite behind the fault-free days, on the metric that its issue names.

    An issue has five rows; a fault is found if a row from that of its instant to ten minutes later is an anomaly.
    False incidents are runs of anomalies in the second half of the fault-free days, learnt from the first half, of both
    metrics together.
    """
    frame = pl.read_parquet(data / "anomaly/petshop_5min.parquet").filter(
        (pl.col("service") == "PetSite") & (pl.col("statistic") == "Average")
    )
    issues = pl.read_csv(data / "anomaly/petshop_issues.csv.gz", try_parse_dates=True)
    pieces, faults = [], {}
    calm = {metric: part.sort("ts") for (metric,), part in frame.filter(issue="noissue").group_by("metric")}
    middle = min(part["ts"][len(part) // 2] for part in calm.values())
    for metric in ("latency", "availability"):
        pieces.append(calm[metric].select("ts", "value", series=pl.lit(f"calm {metric}"), part=(pl.col("ts") < middle).cast(pl.Int32)))
    for issue in issues.iter_rows(named=True):
        metric, name = issue["target_metric"], issue["issue"]
        rows = frame.filter((pl.col("issue") == name) & (pl.col("metric") == metric)).sort("ts")
        shift = calm[metric]["ts"].max() + timedelta(minutes=5) - rows["ts"].min()
        at = issue["target_ts"].replace(tzinfo=rows["ts"].min().tzinfo) + shift
        faults[name] = at - timedelta(minutes=at.minute % 5, seconds=at.second)
        known, behind = calm[metric].select("ts", "value"), rows.select(pl.col("ts") + shift, "value")
        pieces += [known.with_columns(series=pl.lit(name), part=1), behind.with_columns(series=pl.lit(name), part=0)]
    table = pl.concat(pieces)
    found = product.detect(table, value="value", series="series", train_until="part=1")
    table = table.with_columns(anomaly=found["anomaly"])
    hit = sum(
        table.filter(pl.col("series") == name, pl.col("ts").is_between(at, at + timedelta(minutes=10)))["anomaly"].any()
        for name, at in faults.items()
    )
    judged = table.filter(pl.col("series").str.starts_with("calm") & (pl.col("part") == 0))
    false = sum(len(judging.runs(part["anomaly"].to_numpy())) for _, part in judged.group_by("series"))
    days = len(judged) / 2 * 300 / 86_400
    return [
        Row("PetShop", "faults found within 10 min, of 8", hit, least=8, remarks="PetSite, the metric of the issue"),
        Row("PetShop", "false incidents a fault-free day", false / days, 1.0, remarks=f"{days:.1f} days, two metrics"),
    ]


def stable(product, _data):
    """Twenty generated series of 21 days of minutes: a daily cycle with noise of 1 to 5 %, nothing wrong in them.

    Share of minutes that are anomalies at default sensitivity, of all behind the first week.
    """
    minutes, pieces = np.arange(21 * 1_440), []
    start = pl.datetime(2026, 1, 1, time_zone="UTC")
    for number in range(20):
        chance = np.random.default_rng(number)
        cycle = 100 * (1 + 0.4 * np.sin(2 * np.pi * (minutes / 1_440 + chance.random())))
        values = cycle * (1 + (0.01 + 0.04 * chance.random()) * chance.standard_normal(len(minutes)))
        stretch = pl.DataFrame({"minute": minutes, "value": values}).with_columns(series=pl.lit(f"s{number}"))
        pieces.append(stretch.with_columns(ts=start + pl.duration(minutes="minute")))
    table = pl.concat(pieces)
    found = product.detect(table, value="value", series="series")
    judged = table.with_columns(anomaly=found["anomaly"]).filter(pl.col("minute") >= 7 * 1_440)
    share = 100 * judged["anomaly"].mean()
    return [Row("stable daily cycles", "false-positive minutes, %", share, 0.2, remarks="common systems 2 to 5 %")]


ALL = {"kpi-detect": kpi_curves, "nab": nab, "petshop-detect": petshop, "stable": stable}
