// The live page: asks the driver every two seconds what is new, and shows it. Every text is set as text, never as markup.
"use strict";

const EVERY_MILLISECONDS = 2000;
const element = id => document.getElementById(id);
const details = [];
const atWork = [];
let lastAnswer = null;

const whole = value => value.toLocaleString("en", {maximumFractionDigits: 0});
const seconds = value => value == null ? "\u2013" : value.toLocaleString("en", {maximumSignificantDigits: value < 10 ? 3 : 4}) + " s";

const bytes = value => {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return value.toLocaleString("en", {maximumSignificantDigits: 3}) + " " + units[unit];
};

const duration = value => {
    const total = Math.round(value);
    const hours = Math.floor(total / 3600), minutes = Math.floor(total / 60) % 60;
    if (total < 60) {
        return total + " s";
    }
    if (total < 3600) {
        return minutes + " min " + total % 60 + " s";
    }
    return hours < 48 ? hours + " h " + minutes + " min" : Math.floor(hours / 24) + " days " + hours % 24 + " h";
};

const cell = (row, text, className = "") => Chart.html("td", className, text, row);

const named = (parent, index, name) => {
    Chart.key(index, parent);
    Chart.html("span", "", name, parent);
};

const phaseOf = variant => variant.phaseTotal
    ? variant.phase + ", block " + whole(variant.phaseDone) + " of " + whole(variant.phaseTotal)
    : variant.phase;

const isAtWork = variant => variant.phase === "training" || variant.phase.startsWith("evaluating");

const showRun = run => {
    const current = run.variants.find(isAtWork);
    element("name").textContent = run.name;
    const done = run.variants.filter(variant => variant.phase === "done").length;
    const parts = [run.variants.length === 1 ? "1 variant" : done + " of " + run.variants.length + " variants done"];
    if (current) {
        parts.push(current.name + ": " + phaseOf(current));
    }
    if (run.secondsLeft != null) {
        parts.push("about " + duration(run.secondsLeft) + " of training left in all");
    }
    element("subtitle").textContent = parts.join(" \u00b7 ");
    document.title = (current ? whole(current.step) + "/" + whole(current.steps) + " \u00b7 " : "") + run.name;
    const rows = run.variants.map((variant, index) => progressRow(variant, index));
    element("progress").replaceChildren(...rows);
};

const progressRow = (variant, index) => {
    const row = document.createElement("tr");
    const name = Chart.html("th", "", "", row);
    name.scope = "row";
    named(name, index, variant.name);
    cell(row, phaseOf(variant));
    const bar = document.createElement("progress");
    bar.max = variant.steps;
    bar.value = variant.step;
    bar.setAttribute("aria-label", "steps done");
    cell(row, "").append(bar);
    cell(row, whole(variant.step) + " / " + whole(variant.steps));
    cell(row, variant.tokens == null ? "\u2013" : whole(variant.tokens));
    cell(row, variant.loss == null ? "\u2013" : variant.loss.toFixed(4));
    cell(row, variant.tokensPerSecond == null ? "\u2013" : whole(variant.tokensPerSecond));
    cell(row, variant.secondsLeft == null ? "\u2013" : duration(variant.secondsLeft));
    return row;
};

const showKeys = () => ["training-key", "rounds-key", "layers-key"].forEach(id =>
    element(id).replaceChildren(...details.map((variant, index) => {
        const entry = document.createElement("li");
        named(entry, index, variant.name);
        return entry;
    })));

const curveOf = (curve, column) => curve.x.map((x, at) => [x, curve[column].mean[at]]);
const rangeOf = (curve, column) => curve.x.map((x, at) => [x, curve[column].lowest[at], curve[column].highest[at]]);
const isJoined = (curve, column) => curve[column].mean.some((mean, at) => mean !== curve[column].lowest[at]);

const curveChart = (id, title, which, column, xLabel, more) => Chart.draw(element(id), {
    title, xLabel, nothing: "No round is done yet.", ...more,
    series: details.map((variant, index) => ({
        index, name: variant.name,
        points: curveOf(variant[which], column),
        range: isJoined(variant[which], column) ? rangeOf(variant[which], column) : null
    }))
});

const newestEvaluation = variant => variant.evaluations.trained || variant.evaluations.untrained;

const layerChart = (id, title, column, nothing) => Chart.draw(element(id), {
    title, xLabel: "layer", nothing, dots: true, fromZero: true,
    series: details.map((variant, index) => {
        const evaluation = newestEvaluation(variant);
        return {index, name: variant.name, points: evaluation ? evaluation[column].map((value, layer) => [layer, value]) : []};
    })
});

const showCharts = () => {
    showKeys();
    curveChart("loss", "Training loss (nats a token)", "curve", "loss", "step", {size: "whole", smooth: true});
    curveChart("tokens-per-second", "Throughput (tokens/s)", "curve", "tokensPerSecond", "step", {smooth: true, fromZero: true});
    curveChart("gradient-norm", "Gradient norm", "curve", "gradientNorm", "step", {smooth: true});
    curveChart("compute-seconds", "Local steps (s a round)", "roundCurve", "computeSeconds", "round", {size: "third", smooth: true, fromZero: true});
    curveChart("exchange-seconds", "Exchange (s a round)", "roundCurve", "exchangeSeconds", "round", {size: "third", smooth: true, fromZero: true});
    curveChart("bytes", "Received (bytes a round)", "roundCurve", "bytes", "round", {size: "third", smooth: true, fromZero: true});
    layerChart("first-token-attention", "Attention to the first token, by layer", "firstTokenAttentionPerLayer", "There is no evaluation yet.");
    const evaluated = details.some(newestEvaluation);
    layerChart("gate-score", "Mean gate score, by layer", "meanGateScorePerLayer",
        evaluated ? "No variant that was evaluated has a gate." : "There is no evaluation yet.");
    element("evaluations").replaceChildren(...details.map(evaluationNote));
};

const evaluationNote = (variant, index) => {
    const entry = document.createElement("li");
    named(entry, index, variant.name + ": ");
    const evaluation = newestEvaluation(variant);
    const text = evaluation
        ? (variant.evaluations.trained ? "trained, step " + whole(evaluation.step) : "untrained")
            + ", held-out loss " + (evaluation.heldOutLoss == null ? "not a number" : evaluation.heldOutLoss.toFixed(4))
            + " on " + whole(evaluation.heldOutBlocks) + " blocks"
        : "no evaluation yet";
    Chart.html("span", "", text, entry);
    return entry;
};

const table = (parent, title, columns, rows, nothing) => {
    Chart.html("h3", "table", title, parent);
    if (!rows.length) {
        Chart.html("p", "note", nothing, parent);
        return;
    }
    const scroll = Chart.html("div", "scroll", "", parent);
    const body = Chart.html("table", "", "", scroll);
    const head = Chart.html("tr", "", "", Chart.html("thead", "", "", body));
    columns.forEach(([name, className]) => Chart.html("th", className || "", name, head));
    const lines = Chart.html("tbody", "", "", body);
    rows.forEach(values => {
        const row = Chart.html("tr", "", "", lines);
        values.forEach((value, at) => cell(row, value, columns[at][1] || ""));
    });
};

const workerState = worker => {
    if (worker.uncounted > worker.counted) {
        return "not counted in round " + whole(worker.uncounted) + ": " + worker.reason;
    }
    if (!worker.counted) {
        return "in its first round";
    }
    return worker.uncounted ? "counted; not in round " + whole(worker.uncounted) + ": " + worker.reason : "counted";
};

const of = (shown, count) => count > shown ? " (the newest " + whole(shown) + " of " + whole(count) + ")" : "";

/** Its place on the page stays open or shut as the reader left it; it opens when its turn has come. */
const showVariant = (variant, index, before) => {
    const wasAtWork = atWork[index];
    atWork[index] = isAtWork(variant);
    const block = document.createElement("section");
    const section = Chart.html("details", "variant", "", block);
    section.open = (before && before.querySelector("details").open) || (atWork[index] && !wasAtWork);
    const title = Chart.html("h2", "", "", Chart.html("summary", "", "", section));
    named(title, index, variant.name);
    const facts = [phaseOf(variant)];
    if (variant.parameters) {
        facts.push(whole(variant.parameters) + " parameters", "products in " + variant.precision,
            variant.coresPerWorker === 1 ? "1 core a worker" : variant.coresPerWorker + " cores a worker");
    }
    Chart.html("p", "facts", facts.join(" \u00b7 "), section);
    table(section, "Workers", [["Worker"], ["Executor"], ["Host"], ["Last counted"], ["State", "reason"]],
        variant.workers.map(worker => [String(worker.worker), worker.executor, worker.host,
            worker.counted ? "round " + whole(worker.counted) : "\u2013", workerState(worker)]),
        "No workers: it is not being trained in this process.");
    table(section, "Rounds" + of(variant.rounds.length, variant.roundCount),
        [["Round"], ["Step"], ["Workers counted"], ["Local steps"], ["Exchange"], ["Received"]],
        variant.rounds.map(round => [whole(round.round), whole(round.step), whole(round.workers),
            seconds(round.computeSeconds), seconds(round.exchangeSeconds), bytes(round.bytes)]),
        "No round is done yet.");
    table(section, "Checkpoints" + of(variant.checkpoints.length, variant.checkpointCount),
        [["Checkpoint"], ["Step"], ["Size"], ["Written in"], ["Training waited"]],
        variant.checkpoints.map(checkpoint => [checkpoint.folder, whole(checkpoint.step), bytes(checkpoint.bytes),
            seconds(checkpoint.seconds), seconds(checkpoint.waitedSeconds)]),
        "No checkpoint is written yet.");
    Chart.html("h3", "table", "Recoveries and work that does not count" + of(variant.notes.length, variant.noteCount), section);
    if (!variant.notes.length) {
        Chart.html("p", "note", "None.", section);
    } else {
        const list = Chart.html("ul", "notes", "", section);
        variant.notes.forEach(note => {
            const entry = Chart.html("li", "", "", list);
            if (note.time) {
                Chart.html("time", "", new Date(note.time).toLocaleString("en-GB"), entry);
            }
            Chart.html("span", "", note.text, entry);
        });
    }
    return block;
};

const fetchJson = async path => {
    const answer = await fetch(path, {cache: "no-store"});
    if (!answer.ok) {
        throw new Error("the driver answered " + answer.status);
    }
    return answer.json();
};

const refresh = async () => {
    const run = await fetchJson("run.json");
    const changed = run.variants.map((variant, index) => index)
        .filter(index => !details[index] || details[index].version !== run.variants[index].version);
    const fresh = await Promise.all(changed.map(index => fetchJson("variants/" + index + ".json")));
    changed.forEach((index, at) => details[index] = fresh[at]);
    showRun(run);
    if (changed.length) {
        showCharts();
        const old = element("variants").children;
        changed.forEach(index => {
            const section = showVariant(details[index], index, old[index]);
            old[index] ? old[index].replaceWith(section) : element("variants").append(section);
        });
    }
};

const poll = async () => {
    const connection = element("connection");
    try {
        await refresh();
        lastAnswer = new Date();
        connection.textContent = "as of " + lastAnswer.toLocaleTimeString("en-GB") + ", new every 2 s";
        connection.classList.remove("lost");
    } catch (failure) {
        connection.textContent = "No answer" + (lastAnswer ? " since " + lastAnswer.toLocaleTimeString("en-GB") : "")
            + ": the run has ended, or its driver cannot be reached (" + failure.message + "). "
            + "What is shown is the last that was known.";
        connection.classList.add("lost");
    }
    setTimeout(poll, EVERY_MILLISECONDS);
};

poll();
