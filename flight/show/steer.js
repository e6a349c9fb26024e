// What the user does: zoom, drag, play, choose.

// keep redraws what has its size in pixels.
function keep() {
	const k = state.view[2] / map.clientWidth;
	map.setAttribute('viewBox', state.view.join(' '));
	for (const [g, x, y] of pinned) g.setAttribute('transform', `translate(${x} ${y}) scale(${k})`);
}

// look sets the view, within the region.
function look(x, y, width) {
	state.fitted = false;
	const [left, top, w, h] = data.region, ratio = map.clientHeight / map.clientWidth;
	width = Math.max(Math.min(width, w, h / ratio), Math.max(current().box[2], current().box[3], 1) / 200);
	state.view = [Math.max(left, Math.min(left + w - width, x)), Math.max(top, Math.min(top + h - width * ratio, y)), width, width * ratio];
	degrees();
	barbs();
	keep();
	const off = Math.hypot(state.view[0] + state.view[2] / 2, state.view[1] + state.view[3] / 2) / 6880.13; // in diameters of the earth
	const mile = (1 + off * off) * map.clientWidth / width; // in pixels, in the middle of the view
	const miles = decades.slice().reverse().find(d => d * mile <= 150) || 0.1;
	$('bar').style.width = miles * mile + 'px';
	$('miles').textContent = miles + ' nmi';
}

// fit shows the whole flight.
function fit() {
	const [x, y, w, h] = current().box, ratio = map.clientHeight / map.clientWidth;
	const width = 1.16 * Math.max(w, h / ratio, 1);
	look(x + w / 2 - width / 2, y + h / 2 - width * ratio / 2, width);
	state.fitted = true;
}

// zoom changes the width by a factor around a point of the window.
function zoom(factor, px = map.clientWidth / 2, py = map.clientHeight / 2) {
	const [x, y, w] = state.view, k = w / map.clientWidth * (1 - factor);
	look(x + px * k, y + py * k, w * factor);
}

// degrees writes what meridians and parallels are where they leave the view: at its bottom and its left side.
function degrees() {
	const [x, y, w, h] = state.view, k = w / map.clientWidth;
	groups.degrees.replaceChildren();
	pinned = pinned.filter(p => !p[0].classList.contains('degree'));
	const taken = [];
	for (const g of data.grid) {
		const east = /[EW]$/.test(g.label) || g.label === '0°', axis = east ? 1 : 0, edge = east ? y + h - 8 * k : x + 6 * k;
		for (let i = 0; i + 3 < g.line.length; i += 2) {
			const a = g.line[i + axis] - edge, b = g.line[i + 2 + axis] - edge;
			if (a < 0 === b < 0) continue;
			const at = g.line[i + 1 - axis] + a / (a - b) * (g.line[i + 3 - axis] - g.line[i + 1 - axis]);
			const [px, py] = east ? [(at - x) / k, map.clientHeight - 8] : [6, (at - y) / k + 4];
			if (px < 5 || px > map.clientWidth - 40 || py < 14 || py > map.clientHeight - (east ? 0 : 24)) continue;
			if (taken.some(q => Math.abs(q[0] - px) < 46 && Math.abs(q[1] - py) < 14)) continue;
			taken.push([px, py]);
			const p = pin(groups.degrees, x + px * k, y + py * k);
			p.classList.add('degree');
			make(p, 'text', {class: 'degrees halo', 'text-anchor': east ? 'middle' : 'start'}, g.label);
		}
	}
}

function stop() {
	cancelAnimationFrame(state.playing);
	state.playing = 0;
	$('play').textContent = '▶';
	$('play').setAttribute('aria-label', 'play');
}

// play goes from here to the end, or from the last known fix on, in about fifteen seconds for all.
function play() {
	const [from, to] = limits();
	let before = null;
	if (state.t >= to - 1) move(Math.max(from, 0));
	$('play').textContent = '❚❚';
	$('play').setAttribute('aria-label', 'stop');
	const step = now => {
		if (before !== null) move(Math.min(to, state.t + (now - before) / 15000 * (to - from)));
		before = now;
		if (state.t < to) state.playing = requestAnimationFrame(step); else stop();
	};
	state.playing = requestAnimationFrame(step);
}

// choose shows another flight.
function choose(i) {
	stop();
	state.at = (i + data.flights.length) % data.flights.length;
	const f = current(), [from, to] = limits();
	$('flight').value = state.at;
	$('what').textContent = `Flight ${f.id}, ${day(f.last)}: ${f.known.t.length} fixes known, ` + (first() ? `${span(first().t[first().t.length - 1])} predicted` : 'nothing predicted') + '.';
	$('slider').min = from;
	$('slider').max = to;
	build();
	fit();
	move(Math.min(3600, ...[f.truth, ...f.courses.slice(0, 1)].filter(p => p.t.length > 1).map(p => p.t[p.t.length - 1]), to));
}

function start() {
	if (!data.flights.length) {
		$('what').textContent = 'There are no flights to show.';
		document.querySelector('main').hidden = true;
		return;
	}
	$('choose').hidden = data.flights.length < 2;
	for (const [i, f] of data.flights.entries()) $('flight').add(new Option(f.id, i));
	for (const [name, look, text, any] of layers) {
		if (!any) continue;
		const label = $('layers').appendChild(document.createElement('label')), box = label.appendChild(document.createElement('input'));
		box.type = 'checkbox';
		box.checked = true;
		box.id = 'show-' + name;
		box.onchange = () => {
			state.hidden[box.checked ? 'delete' : 'add'](name);
			groups[name].style.display = box.checked ? '' : 'none';
			move(state.t);
		};
		const sample = make(label, 'svg', {width: 24, height: 12, viewBox: '0 0 24 12'});
		if (look === 'ellipse') make(sample, 'ellipse', {class: 'ellipse now', cx: 12, cy: 6, rx: 10, ry: 4.5});
		else if (look === 'storm') for (const i of [0, 1, 2]) make(sample, 'path', {class: 'storms top' + i, d: `M${8 * i} 6h8`, 'stroke-width': 10}).append(titled('tops below 30,000 ft, up to 40,000 ft, above'));
		else if (look === 'barb') make(sample, 'path', {class: look, d: barb(65, 1), transform: 'translate(24 8) rotate(-90)'});
		else make(sample, 'path', {class: look, d: 'M0 6L24 6'});
		label.append(text);
	}
	$('flight').onchange = () => choose(+$('flight').value);
	$('before').onclick = () => choose(state.at - 1);
	$('after').onclick = () => choose(state.at + 1);
	$('in').onclick = () => zoom(1 / 1.5);
	$('out').onclick = () => zoom(1.5);
	$('fit').onclick = fit;
	$('play').onclick = () => state.playing ? stop() : play();
	$('slider').oninput = () => seek(+$('slider').value);
	map.addEventListener('wheel', e => {
		e.preventDefault();
		const r = map.getBoundingClientRect();
		zoom(Math.exp(Math.max(-200, Math.min(200, e.deltaY)) / 500), e.clientX - r.left, e.clientY - r.top);
	}, {passive: false});
	drag();
	choose(0);
	new ResizeObserver(() => { build(); if (state.fitted) fit(); else look(...state.view.slice(0, 3)); move(state.t); }).observe(map);
}

// drag moves the map with one pointer, and zooms with two.
function drag() {
	const down = new Map();
	map.onpointerdown = e => { map.setPointerCapture(e.pointerId); down.set(e.pointerId, [e.clientX, e.clientY]); map.classList.add('dragged'); };
	map.onpointermove = e => {
		if (!down.has(e.pointerId)) return;
		const before = down.get(e.pointerId), other = [...down].find(([id]) => id !== e.pointerId);
		const k = state.view[2] / map.clientWidth, now = [e.clientX, e.clientY];
		down.set(e.pointerId, now);
		if (!other) return look(state.view[0] - (now[0] - before[0]) * k, state.view[1] - (now[1] - before[1]) * k, state.view[2]);
		const apart = p => Math.max(1, Math.hypot(p[0] - other[1][0], p[1] - other[1][1])), r = map.getBoundingClientRect();
		zoom(apart(before) / apart(now), (now[0] + other[1][0]) / 2 - r.left, (now[1] + other[1][1]) / 2 - r.top);
	};
	map.onpointerup = map.onpointercancel = e => { down.delete(e.pointerId); if (!down.size) map.classList.remove('dragged'); };
}

start();
