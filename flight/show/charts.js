'use strict';
// What is not of the map: elements, numbers and charts.
const $ = id => document.getElementById(id);

// make returns an element of SVG, the last child of parent.
function make(parent, name, attributes, text) {
	const e = document.createElementNS('http://www.w3.org/2000/svg', name);
	for (const a in attributes) e.setAttribute(a, attributes[a]);
	if (text !== undefined) e.textContent = text;
	return parent.appendChild(e);
}

// among returns i so that list[i] ≤ t < list[i+1], within the list, and how far t lies between.
function among(list, t) {
	let low = 0, high = list.length - 1;
	while (high - low > 1) {
		const mid = (low + high) >> 1;
		if (list[mid] <= t) low = mid; else high = mid;
	}
	if (high <= 0) return [0, 0];
	return [low, Math.max(0, Math.min(1, (t - list[low]) / (list[high] - list[low])))];
}

// value returns a list's value at the time t, null where there is none.
function value(times, list, t) {
	if (!times.length || t < times[0] - .5 || t > times[times.length - 1] + .5) return null;
	const [i, w] = among(times, t), a = list[i], b = list[Math.min(i + 1, list.length - 1)];
	if (w === 0) return a;
	if (a === null || b === null) return null;
	return a + w * (b - a);
}

// position returns a path's place at the time t, null where there is none.
function position(path, t) {
	const x = value(path.t, path.xy.filter((_, i) => i % 2 === 0), t);
	return x === null ? null : [x, value(path.t, path.xy.filter((_, i) => i % 2 === 1), t)];
}

const two = n => String(n).padStart(2, '0');

// signed writes a number with its sign.
const signed = (x, digits) => (x < 0 ? '−' : '+') + Math.abs(x).toFixed(digits);

// clock writes a time of the day.
function clock(seconds) {
	const d = new Date(seconds * 1000);
	return two(d.getUTCHours()) + ':' + two(d.getUTCMinutes());
}

const day = seconds => new Date(seconds * 1000).toISOString().slice(0, 10);

// span writes a duration in minutes or hours.
function span(seconds) {
	const m = Math.round(Math.abs(seconds) / 60);
	return m < 90 ? m + ' min' : Math.floor(m / 60) + ' h ' + two(m % 60) + ' min';
}

// ticks returns about n round numbers between low and high.
function ticks(low, high, n, steps) {
	const step = steps.find(s => (high - low) / s <= n) || steps[steps.length - 1];
	const list = [];
	for (let x = Math.ceil(low / step) * step; x <= high + 1e-9; x += step) list.push(x);
	return list;
}

const minutes = [300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
const decades = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 1e4];

// chart draws curves over time and returns a function that moves its cursor. A curve is {name, t, y}, or a
// band {name, t, low, high}. The time of a click is given to picked.
function chart(svg, from, to, origin, curves, picked) {
	svg.replaceChildren();
	const width = svg.clientWidth, height = svg.clientHeight;
	const left = 32, right = width - 18, top = 8, bottom = height - 20;
	const all = curves.flatMap(c => [...(c.y || []), ...(c.low || []), ...(c.high || [])]).filter(y => y !== null);
	svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
	if (!all.length) {
		make(svg, 'text', {x: width / 2, y: height / 2, 'text-anchor': 'middle'}, 'not known');
		return () => {};
	}
	const most = Math.max(...all, 1) * 1.05, least = Math.min(0, ...all);
	const x = t => left + (right - left) * (t - from) / Math.max(1, to - from);
	const y = v => bottom - (bottom - top) * (v - least) / (most - least);
	for (const v of ticks(least, most, 5, decades)) {
		make(svg, 'line', {class: 'axis', x1: left, x2: right, y1: y(v), y2: y(v)});
		make(svg, 'text', {x: left - 5, y: y(v) + 4, 'text-anchor': 'end'}, v);
	}
	for (const t of ticks(origin + from, origin + to, width / 60, minutes))
		make(svg, 'text', {x: x(t - origin), y: height - 4, 'text-anchor': 'middle'}, clock(t));
	for (const c of curves) {
		const points = (list, back) => {
			const p = c.t.map((t, i) => list[i] === null ? null : x(t).toFixed(1) + ' ' + y(Math.max(least, list[i])).toFixed(1)).filter(p => p !== null);
			return (back ? p.reverse() : p).join('L');
		};
		const d = c.y ? points(c.y) : points(c.high) + 'L' + points(c.low, true) + 'Z';
		if (d.length > 8) make(svg, 'path', {class: c.name, d: 'M' + d});
	}
	const cursor = make(svg, 'line', {class: 'cursor', y1: top, y2: bottom});
	svg.onclick = e => picked(from + (to - from) * Math.max(0, Math.min(1, (e.clientX - svg.getBoundingClientRect().left - left) / (right - left))));
	return t => { cursor.setAttribute('x1', x(t)); cursor.setAttribute('x2', x(t)); };
}
