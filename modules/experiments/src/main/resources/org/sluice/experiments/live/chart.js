// Line charts, drawn as SVG. Every text is set as text, never as markup.
"use strict";

const Chart = (() => {
    const SPACE = "http://www.w3.org/2000/svg";
    const MARKERS = ["\u25cf", "\u25b2", "\u25a0", "\u25c6", "\u25cb", "\u25b3", "\u25a1", "\u25c7"];
    const COLOURS = 8;
    const WIDTHS = {whole: 1080, half: 520, third: 350};
    const HEIGHT = 260;
    const LEFT = 62, RIGHT = 14, TOP = 10, BOTTOM = 40;

    const svg = (name, attributes, parent) => {
        const element = document.createElementNS(SPACE, name);
        Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
        parent.append(element);
        return element;
    };

    const html = (name, className, text, parent) => {
        const element = document.createElement(name);
        element.className = className;
        element.textContent = text;
        parent.append(element);
        return element;
    };

    /** The class that colours a series, and its marker and kind of line; with the colours anew, markers and lines are others. */
    const colour = index => "series-" + index % COLOURS;
    const isBroken = index => Math.floor(index / COLOURS) % 2 === 1;
    const marker = index => MARKERS[(index + Math.floor(index / COLOURS) * MARKERS.length / 2) % MARKERS.length];

    /** A marker as it stands before a variant's name. */
    const key = (index, parent) =>
        html("span", "series " + colour(index), (isBroken(index) ? "\u2504" : "\u2500") + marker(index), parent);

    /** Round numbers between two values, about so many. */
    const ticks = (low, high, about) => {
        const raw = (high - low) / about;
        const magnitude = 10 ** Math.floor(Math.log10(raw));
        const step = [1, 2, 5, 10].map(factor => factor * magnitude).find(candidate => candidate >= raw * 0.999);
        const values = [];
        for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
            values.push(at === 0 ? 0 : at * step);
        }
        return values;
    };

    /** A number on an axis or in a readout, in few characters. */
    const figure = value => {
        const size = Math.abs(value);
        if (size >= 1e5) {
            return value.toLocaleString("en", {notation: "compact", maximumSignificantDigits: 4});
        }
        if (size !== 0 && size < 1e-3) {
            return value.toExponential(1);
        }
        return value.toLocaleString("en", {maximumSignificantDigits: 5});
    };

    const finite = points => points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));

    /** What the straight line of least squares through all points from one on has at another. */
    const lineThrough = (points, from, index) => {
        const centre = (from + points.length - 1) / 2;
        let sum = 0, products = 0, squares = 0;
        for (let at = from; at < points.length; at++) {
            sum += points[at][1];
            products += (at - centre) * points[at][1];
            squares += (at - centre) * (at - centre);
        }
        const mean = sum / (points.length - from);
        return squares === 0 ? mean : mean + (index - centre) * products / squares;
    };

    /** The mean over a window around each point, which shrinks at the beginning; the end is a straight line through the last window, as in the report. */
    const smoothed = (points, radius) => points.map(([x], index) => {
        const reach = Math.min(radius, index);
        if (index + reach >= points.length) {
            return [x, lineThrough(points, Math.max(0, points.length - 2 * radius - 1), index)];
        }
        let sum = 0;
        for (let at = index - reach; at <= index + reach; at++) {
            sum += points[at][1];
        }
        return [x, sum / (2 * reach + 1)];
    });

    const bounds = (values, fallback) => {
        let low = Infinity, high = -Infinity;
        values.forEach(value => {
            low = Math.min(low, value);
            high = Math.max(high, value);
        });
        if (low > high) {
            return fallback;
        }
        const room = high > low ? 0 : Math.max(Math.abs(low) * 0.05, 1e-6);
        return [low - room, high + room];
    };

    const path = points => points.map(([x, y], index) => (index ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1)).join("");

    /** Draws a line for each series; without any point it says that there is nothing yet. A chart stands still while the pointer reads it. */
    const draw = (target, chart) => {
        if (target.querySelector("svg") && target.matches(":hover")) {
            return;
        }
        const series = chart.series.map(one => ({...one, points: finite(one.points)})).filter(one => one.points.length);
        target.replaceChildren();
        target.classList.add("live");
        html("figcaption", "", chart.title, target);
        if (!series.length) {
            html("p", "nothing", chart.nothing, target);
            return;
        }
        const width = WIDTHS[chart.size || "half"];
        const root = svg("svg", {viewBox: "0 0 " + width + " " + HEIGHT, role: "img", "aria-label": chart.title}, target);
        const xRange = bounds(series.flatMap(one => one.points.map(([x]) => x)), [0, 1]);
        const ys = series.flatMap(one => one.points.map(([, y]) => y));
        const yRange = bounds(chart.fromZero ? [...ys, 0] : ys, [0, 1]);
        const toX = x => LEFT + (x - xRange[0]) / (xRange[1] - xRange[0]) * (width - LEFT - RIGHT);
        const toY = y => HEIGHT - BOTTOM - (y - yRange[0]) / (yRange[1] - yRange[0]) * (HEIGHT - BOTTOM - TOP);
        axes(root, chart, width, xRange, yRange, toX, toY);
        series.forEach(one => line(root, one, chart, toX, toY, yRange));
        follow(target, root, chart, series, width, toX);
    };

    const axes = (root, chart, width, xRange, yRange, toX, toY) => {
        ticks(...yRange, 5).forEach(value => {
            svg("path", {class: "grid", d: "M" + LEFT + " " + toY(value) + "H" + (width - RIGHT)}, root);
            svg("text", {class: "value", x: LEFT - 7, y: toY(value) + 4}, root).textContent = figure(value);
        });
        ticks(...xRange, Math.round(width / 100)).filter(Number.isInteger).forEach(value => {
            svg("text", {class: "axis", x: toX(value), y: HEIGHT - BOTTOM + 17}, root).textContent = figure(value);
        });
        svg("text", {class: "axis", x: (LEFT + width - RIGHT) / 2, y: HEIGHT - 5}, root).textContent = chart.xLabel;
    };

    const line = (root, one, chart, toX, toY, yRange) => {
        const group = svg("g", {class: colour(one.index)}, root);
        const place = points => points.map(([x, y]) => [toX(x), toY(Math.min(Math.max(y, yRange[0]), yRange[1]))]);
        const kind = "line" + (isBroken(one.index) ? " broken" : "");
        if (one.range && one.range.length > 1) {
            const up = place(finite(one.range.map(([x, , high]) => [x, high])));
            const down = place(finite(one.range.map(([x, low]) => [x, low]))).reverse();
            svg("path", {class: "range", d: path([...up, ...down]) + "Z"}, group);
        }
        const radius = chart.smooth ? Math.floor(one.points.length / 40) : 0;
        if (radius > 0) {
            svg("path", {class: "raw", d: path(place(one.points))}, group);
        }
        svg("path", {class: kind, d: path(place(smoothed(one.points, radius)))}, group);
        if (chart.dots || one.points.length === 1) {
            place(one.points).forEach(([x, y]) => svg("circle", {class: "dot", cx: x, cy: y, r: 3.5}, group));
        }
    };

    /** Tells the figures under the pointer. */
    const follow = (target, root, chart, series, width, toX) => {
        const cursor = svg("path", {class: "cursor", visibility: "hidden"}, root);
        const readout = html("p", "readout", "", target);
        root.addEventListener("pointermove", event => {
            const box = root.getBoundingClientRect();
            const at = (event.clientX - box.left) / box.width * width;
            const nearest = points => points.reduce((best, point) =>
                Math.abs(toX(point[0]) - at) < Math.abs(toX(best[0]) - at) ? point : best);
            const all = series.map(one => [one, nearest(one.points)]);
            const x = nearest(all.map(([, point]) => point))[0];
            cursor.setAttribute("d", "M" + toX(x) + " " + TOP + "V" + (HEIGHT - BOTTOM));
            cursor.setAttribute("visibility", "visible");
            readout.textContent = chart.xLabel + " " + x.toLocaleString("en") + ": "
                + all.filter(([, point]) => point[0] === x).map(([one, point]) => one.name + " " + figure(point[1])).join(", ");
        });
        root.addEventListener("pointerleave", () => {
            cursor.setAttribute("visibility", "hidden");
            readout.textContent = "";
        });
    };

    return {draw, key, html};
})();
