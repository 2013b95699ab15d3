"""The protocol of each data set, one function each.

Everywhere: rolling origins, nothing behind an origin is known to a model, the champion of `foreroute backtest` with
its default settings and no setting chosen by looking at these results. `naive` repeats the last value (on M4: that of
a day ago) from the same origins. Values of latency and size are forecast as they are; the error is that of the median,
and for means over a stretch that of the mean. Coverage is that of the central 90 % interval over all points.
"""

import numpy as np
import polars as pl

from product import Row

HIGH_VOLUME = ["05f10d3a", "43115f2a", "55f8b8b8", "adb2fde9"]
MINUTES_A_DAY = 1_440


def m4(product, data):
    """M4 hourly: 414 series, one origin, the last 48 hours of each are the truth, as in the competition.

    sMAPE and MASE (scale: lag 24 in the training part) are means over points, which are equally many per series.
    """
    frame = pl.read_parquet(data / "forecast/m4_hourly.parquet")
    found = product.backtest(
        frame, time="t", series="series", season="24,168", horizon=48, models="seasonal-naive"
    )
    best, naive = found["champion"], found["models"]["seasonal-naive"]
    peers = "best entry 8.91/0.80, ES-RNN 9.33/0.89, FFORMA 11.51/0.82; naive is seasonal"
    return [
        Row("M4 hourly", "sMAPE", best["smape"], 10.5, naive=naive["smape"], remarks=peers),
        Row("M4 hourly", "MASE", best["mase"], 0.85, naive=naive["mase"], remarks="statsforecast AutoETS 1.61"),
        *coverage_rows("M4 hourly", found),
    ]


def first_days(data, days, curves=None):
    """The first days of the KPI curves with a step of a minute."""
    meta = pl.read_csv(data / "anomaly/kpi_meta.csv.gz").filter(pl.col("step_s") == 60)
    curves = curves or meta["kpi_id"].to_list()
    frame = pl.read_parquet(data / "anomaly/kpi.parquet").filter(pl.col("kpi_id").is_in(curves))
    start = pl.col("ts").min().over("kpi_id")
    return frame.filter(pl.col("ts") < start + pl.duration(days=days)).select("kpi_id", "ts", "value")


def kpi(product, data):
    """The four high-volume KPI curves at a minute: 21 days, models know the last 7, origins on days 8 to 21.

    101 origins on each curve, 197 minutes apart so that they meet every minute of the hour, a fit at each. MASE is
    scaled by the lag-1 error before the origin. The peers' origins are others of the same days (404 in all): there
    naive has 1.22 and 1.35, so the shares of naive are to be compared rather than the figures (`.. over naive`).
    """
    found = product.backtest(
        first_days(data, 21, HIGH_VOLUME), series="kpi_id", grid="60s", window=7 * MINUTES_A_DAY, season=MINUTES_A_DAY,
        horizon=60, within="15", step=197, folds=101, mase_lag=1, models="naive",
    )  # fmt: skip
    marks = {15: (0.97, 0.0237, 0.98, 1.22, 0.0239), 60: (1.07, 0.0262, 1.09, 1.35, 0.0267)}
    rows = []
    for steps, (mase, crps, peer, peer_naive, peer_crps) in marks.items():
        peers, share = f"LightGBM {peer}, naive there {peer_naive}", f"{peer / peer_naive:.3f}"
        part = (lambda model: model["within"]["15"]) if steps == 15 else (lambda model: model)
        best, naive = part(found["champion"]), part(found["models"]["naive"])
        # Each curve weighs the same; pooled, the largest would be the whole CRPS.
        relative = [part(series["champion"])["crps_over_mean"] for series in found["by_series"].values()]
        naive_relative = [part(series["naive"])["crps_over_mean"] for series in found["by_series"].values()]
        rows += [
            Row("KPI 60 s", f"MASE at {steps}", best["mase"], mase, naive=naive["mase"], remarks=peers),
            Row("KPI 60 s", f".. over naive at {steps}", best["mase"] / naive["mase"], remarks=f"LightGBM {share}"),
            Row("KPI 60 s", f"CRPS/mean at {steps}", np.mean(relative), crps, naive=np.mean(naive_relative),
                remarks=f"LightGBM {peer_crps}"),
        ]  # fmt: skip
    return rows


def kpi_coverage(product, data):
    """All KPI curves at a minute, 21 days, models know the last 7, 24 origins on days 8 to 21."""
    found = product.backtest(
        first_days(data, 21), series="kpi_id", grid="60s", window=7 * MINUTES_A_DAY, season=MINUTES_A_DAY, horizon=60,
        step=787, folds=24, mase_lag=1, models="naive",
    )  # fmt: skip
    return coverage_rows("KPI 60 s, all", found)


def gateway(product, data):
    """GenTD26 gateway pools: ticks of 57 s, about six samples each.

    End-to-end and queue time, their mean and p50 per tick, four pools: 16 series with the number of samples. Origins
    every 15 ticks over the last 40 %, 15 ahead, a fit at each. The figure is the error of the mean over the 15 ticks,
    averaged over series. A quarter of the ticks is absent, in the later part up to a half. They are gaps by the clock,
    and a mean is of the known of 15 ticks, at times of one; so the same is shown for 15 recorded ticks in a row. Which
    of the two the peers' figures are of is not known.
    """
    frame = pl.read_parquet(data / "llm/gentd26_gateway_pool_57s.parquet").filter(pl.col("metric").is_in([*GATEWAY]))
    long = frame.unpivot(["mean", "p50"], index=["channel", "metric", "ts", "n"], variable_name="statistic")
    long = long.with_columns(pl.concat_str(["metric", "statistic", "channel"], separator=" ").alias("series"))
    long = long.sort("series", "ts").with_columns(order=pl.int_range(pl.len()).over("series"))
    ticks, records = frame["tick"].max() - frame["tick"].min(), frame.group_by("channel", "metric").len()["len"].min()
    rows = []
    for words, time, grid, steps in [("by the clock", "ts", "57s", ticks), ("recorded", "order", "1s", records)]:
        found = product.backtest(
            long.select("series", time, "value", "n"), series="series", count="n", time=time, grid=grid, season="none",
            horizon=15, folds=int(0.4 * steps / 15), mase_lag=1, models="naive,median",
        )  # fmt: skip
        rows += gateway_rows(found, f"15 ticks {words}") + coverage_rows(f"GenTD26, ticks {words}", found)
    return rows


GATEWAY = {"e2e_inference_ms": ("end-to-end", 13.0, "13.4"), "queue_rt_ms": ("queue", 8.5, "8.7")}


def gateway_rows(found, words):
    """Errors of the means over 15 ticks: of both statistics of a tick, and of its mean only."""

    def mean(model, start):
        series = [models for name, models in found["by_series"].items() if name.startswith(start)]
        return float(np.mean([models[model]["mape_of_means"] for models in series]))

    rows = []
    for metric, (name, mark, peers) in GATEWAY.items():
        remarks = f"best of eleven methods {peers}; moving median {mean('median', metric):.1f}"
        only = f"{metric} mean"
        rows += [
            Row(f"GenTD26 {name}", f"MAPE of means, {words}, %", mean("champion", metric), mark,
                naive=mean("naive", metric), remarks=remarks),
            Row(f"GenTD26 {name}", ".. of the tick's mean only", mean("champion", only), naive=mean("naive", only)),
        ]  # fmt: skip
    return rows


def servegen(product, data):
    """ServeGen resampled (semi-synthetic): requests and tokens by minute, a week; 24 origins on the last 2.5 days."""
    frame = pl.read_parquet(data / "llm/servegen_resampled_minute.parquet")
    long = frame.unpivot(index=["channel", "ts"], variable_name="column")
    long = long.with_columns(pl.concat_str(["channel", "column"], separator=" ").alias("series"))
    found = product.backtest(
        long.select("series", "ts", "value"), series="series", grid="60s", season=MINUTES_A_DAY, horizon=60, step=149,
        folds=24, mase_lag=1, models="naive",
    )  # fmt: skip
    return [better_than_naive("ServeGen minutes", "mase", found), *coverage_rows("ServeGen minutes", found)]


def azure(product, data):
    """Latency of Azure VMs, in steps of three hours (runs come about every 130 minutes); a day ahead, 40 origins."""
    frame = pl.read_parquet(data / "forecast/azure_vm_noise.parquet")
    frame = frame.with_columns(pl.concat_str(["metric", "sku", "vm"], separator=" ").alias("series"))
    span = pl.col("ts").max().over("series") - pl.col("ts").min().over("series")
    frame = frame.filter(span > pl.duration(days=120)).select("series", "ts", "value")
    found = product.backtest(
        frame, series="series", grid="3h", season=8, horizon=8, folds=40, mase_lag=1, models="naive",
    )  # fmt: skip
    return [better_than_naive("Azure VM", "mase", found), *coverage_rows("Azure VM", found)]


def petshop(product, data):
    """PetShop at five minutes, without injected faults: latency p50 and p95, calls; an hour ahead, last 40 %.

    Services without two hundred values or with fewer than twenty different ones are left out.
    """
    frame = pl.read_parquet(data / "anomaly/petshop_5min.parquet").filter(pl.col("issue") == "noissue")
    frame = frame.filter(pl.col("statistic").is_in(["p50", "p95", "Sum"])).drop_nulls("value")
    frame = frame.with_columns(pl.concat_str(["service", "metric", "statistic"], separator=" ").alias("series"))
    lively = (pl.len().over("series") >= 200) & (pl.col("value").n_unique().over("series") >= 20)
    frame = frame.filter(lively).select("series", "ts", "value")
    steps = int((frame["ts"].max() - frame["ts"].min()).total_seconds() // 300)
    found = product.backtest(
        frame, series="series", grid="5m", season="none", horizon=12, folds=max(2, int(0.4 * steps / 12)), mase_lag=1,
        models="naive",
    )  # fmt: skip
    return [better_than_naive("PetShop", "mase", found), *coverage_rows("PetShop", found)]


def vllm(product, data):
    """vLLM benchmark, minutes of 6 stacks under a load ramp of 24 minutes: one minute ahead, the last 9 minutes.

    Minutes of >= 20 calls (p50) and, if there are any, of >= 100 (p95) are judged.
    """
    calls = pl.read_parquet(data / "llm/vllm_bench_v0.3.0_requests.parquet")
    calls = calls.with_columns(pl.col("ts").dt.truncate("1m"))
    rows = []
    for column in ["ttft_ms", "e2e_ms"]:
        rows += trace(product, f"vLLM {column}", calls.rename({column: "latency"}), "60s", horizon=1, folds=9)
    return rows


def images(product, data):
    """GenTD26 image requests, hours of each model: an hour ahead over the last 40 %, hours of >= 20 or >= 100 calls."""
    calls = pl.read_parquet(data / "llm/gentd26_image_requests.parquet").filter(pl.col("status") == "SUCCEED")
    calls = calls.with_columns(pl.col("ts").dt.truncate("1h"), latency=pl.col("exec_time_s"))
    calls = calls.filter(pl.col("latency") > 0)
    busy = calls.filter(pl.len().over("channel", "ts") >= 20).group_by("channel").agg(pl.col("ts").n_unique())
    busy = busy.filter(pl.col("ts") >= 10)["channel"].to_list()
    return trace(product, "GenTD26 images", calls.filter(pl.col("channel").is_in(busy)), "1h", horizon=1, folds=130)


def probes(product, data):
    """Single probes of commercial APIs (thefastest): one call per run, so no bucket is large enough for the mark.

    Runs are irregular; they are numbered and the next is forecast, the last six of each endpoint and region with at
    least 15 runs. The floor is the error of the best constant in hindsight.
    """
    frame = pl.read_csv(data / "llm/thefastest_probes.csv.gz").drop_nulls("total_ms").sort("ts")
    frame = frame.with_columns(pl.concat_str(["region", "provider", "model"], separator=" ").alias("series"))
    frame = frame.filter(pl.len().over("series") >= 15).with_columns(t=pl.int_range(pl.len()).over("series"))
    found = product.backtest(
        frame.select("series", "t", pl.col("total_ms").alias("value")), series="series", time="t", grid="1s", season="none",
        horizon=1, folds=6, mase_lag=1, models="naive",
    )  # fmt: skip
    floors = [floor_of_constant(group["total_ms"].to_numpy()[-6:]) for _, group in frame.group_by("series")]
    row = better_than_naive("thefastest probes", "mape", found)
    row.remarks = f"1 call per bucket; best constant in hindsight {np.mean(floors):.1f}"
    return [row]


def trace(product, name, calls, grid, **options):
    """p50 and p95 of calls in buckets (`ts` is the bucket), judged where enough calls stand behind them."""
    rows = []
    for statistic, least in [(0.5, 20), (0.95, 100)]:
        quantile = pl.col("latency").quantile(statistic, "linear").cast(pl.Float64)
        buckets = calls.group_by("channel", "ts").agg(value=quantile, n=pl.len()).sort("channel", "ts")
        label = f"p{100 * statistic:.0f}, buckets of >= {least} calls"
        judged = buckets.filter(pl.col("n") >= least)
        if judged.height < 10:
            continue
        found = product.backtest(
            buckets, series="channel", grid=grid, count="n", min_count=least, season="none", mase_lag=1, models="naive",
            **options,
        )
        best, naive = found["champion"], found["models"]["naive"]
        if not best["points"]:
            continue
        floor = noise_floor(calls.join(judged.select("channel", "ts"), on=["channel", "ts"]), statistic)
        remarks = f"{best['points']} buckets of {judged['n'].median():.0f} calls (median); noise floor {floor:.1f}"
        rows += [
            Row(name, f"MAPE, %, {label}", best["mape"], 15.0, naive=naive["mape"], remarks=remarks),
            Row(name, f".. over naive, {label}", best["mape"] / naive["mape"], 1.0),
        ]
    return rows


def noise_floor(calls, statistic, draws=100):
    """MAPE, in percent, of a forecast that knows each bucket's distribution, a mean over buckets.

    The statistic is redrawn with as many calls; the forecast is the best constant for what is drawn.
    """
    random = np.random.default_rng(7)
    floors = []
    for _, bucket in calls.sort("channel", "ts").group_by("channel", "ts", maintain_order=True):
        values = bucket["latency"].to_numpy()
        drawn = np.quantile(random.choice(values, (draws, len(values))), statistic, axis=1)
        floors.append(floor_of_constant(drawn))
    return float(np.mean(floors))


def floor_of_constant(values):
    """MAPE, in percent, of the best single value for `values`: it is one of them."""
    return min(100 * float(np.mean(np.abs(values - value) / values)) for value in values)


def better_than_naive(name, measure, found):
    best, naive = found["champion"][measure], found["models"]["naive"][measure]
    return Row(name, measure.upper(), best, round(naive, 4), naive=naive, remarks="to beat naive")


def coverage_rows(name, found):
    """Coverage of the central 90 % interval: of all points, in both halves of the folds, and series by series."""

    def of(part):
        return 100 * part["intervals"]["0.9"]["coverage"]

    best = found["champion"]
    rows = [Row(name, "coverage of 90 %", of(best), 92.0, 88.0, remarks=f"{best['points']} points")]
    for half in ["older", "newer"]:
        if f"{half}_folds" in best:
            rows.append(Row(name, f".. {half} half", of(best[f"{half}_folds"]), 92.0, 88.0))
    series = [of(models["champion"]) for models in found["by_series"].values() if models["champion"]["points"]]
    inside = 100 * float(np.mean([85 <= share <= 95 for share in series]))
    rows.append(Row(name, ".. series at 85 to 95, %", inside, least=90.0, remarks=f"{len(series)} series"))
    return rows


ALL = {
    "m4": m4,
    "kpi": kpi,
    "kpi-coverage": kpi_coverage,
    "gateway": gateway,
    "servegen": servegen,
    "azure": azure,
    "petshop": petshop,
    "vllm": vllm,
    "images": images,
    "probes": probes,
}
