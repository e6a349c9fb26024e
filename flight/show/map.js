// The map: a view on the plane, layers, and what moves with time.
const data = JSON.parse($('data').textContent);
const map = $('map');
const state = {at: 0, t: 0, view: null, fitted: true, playing: 0, hidden: new Set()};
const any = test => data.flights.some(test);
// The layers: name, look of its sample, text, and whether there is anything on it.
const layers = [
	['plan', 'plan', 'plan', any(f => f.plan.length)], ['known', 'known', 'known part', true],
	['truth', 'truth', 'flown', any(f => f.truth.t.length > 1)], ['predicted', 'predicted', 'predicted', any(f => f.courses.length)],
	['alternatives', 'alternative', 'alternatives', any(f => f.courses.length > 1)],
	['ellipses', 'ellipse', '1–3 σ', any(f => f.courses.some(c => (c.root || []).some(r => r)))],
	['storms', 'storm', 'storms', data.storms.length], ['wind', 'barb', `wind at ${data.level} hPa`, data.winds.length],
];
let groups = {}, pinned = [], cursors = [];

const current = () => data.flights[state.at];
const first = () => current().courses[0];
const line = xy => { const p = []; for (let i = 0; i < xy.length; i += 2) p.push(xy[i] + ' ' + xy[i + 1]); return p.length > 1 ? 'M' + p.join('L') : ''; };

// until returns the part of a path up to a time, and the part after it.
function until(path, t) {
	const at = position(path, t);
	if (!path.t.length) return ['', ''];
	if (at === null) return t < path.t[0] ? ['', line(path.xy)] : [line(path.xy), ''];
	const n = 2 * (path.t.filter(x => x <= t).length);
	return [line([...path.xy.slice(0, n), ...at]), line([...at, ...path.xy.slice(n)])];
}

// limits returns the times of the first known fix and of the last that is known or predicted.
function limits() {
	const f = current(), ends = [f.known, f.truth, ...f.courses].map(p => p.t[p.t.length - 1] || 0);
	return [f.known.t[0], Math.max(...ends)];
}

// pin adds a group that keeps its size in pixels at a place of the map.
function pin(parent, x, y) {
	const g = make(parent, 'g', {});
	pinned.push([g, x, y]);
	return g;
}

// build draws what does not move.
function build() {
	const f = current();
	map.replaceChildren();
	pinned = [];
	make(map, 'path', {class: 'land', d: data.ground.land});
	make(map, 'path', {class: 'grid', d: data.grid.map(g => line(g.line)).join('')});
	make(map, 'path', {class: 'borders', d: data.ground.borders});
	make(map, 'path', {class: 'coast', d: data.ground.coast});
	groups = {};
	for (const name of ['storms', 'wind', 'ellipses', 'alternatives', 'plan', 'known', 'truth', 'predicted', 'degrees']) groups[name] = make(map, 'g', {id: 'layer-' + name});
	const p = first();
	if (p && p.root) for (const i of [...f.marks].reverse()) for (let n = 3; n > 0; n--) circle(groups.ellipses, p, p.t[i], n, 'ellipse');
	state.storm = state.wind = undefined;
	groups.now = make(groups.ellipses, 'g', {});
	for (const c of f.courses.slice(1)) make(groups.alternatives, 'path', {class: 'alternative', d: line([...f.known.xy.slice(-2), ...c.xy])});
	make(groups.plan, 'path', {class: 'plan', d: line(f.route)});
	for (let i = 0; i < f.plan.length; i += 2) make(pin(groups.plan, f.plan[i], f.plan[i + 1]), 'circle', {class: 'waypoint', r: 2.6});
	make(groups.known, 'path', {class: 'known', d: line(f.known.xy)});
	if (p) for (const i of f.marks) make(pin(groups.predicted, p.xy[2 * i], p.xy[2 * i + 1]), 'circle', {class: 'dot predicted', r: 3}).append(titled(span(p.t[i]) + ' ahead'));
	for (const name of ['truth', 'predicted']) groups[name + 'Line'] = [make(groups[name], 'path', {class: name + ' later'}), make(groups[name], 'path', {class: name})];
	groups.miss = make(map, 'line', {class: 'miss'});
	groups.dots = ['predicted', 'truth'].map(name => make(pin(groups[name], 0, 0), 'circle', {class: 'dot ' + name, r: 6}));
	for (const name of state.hidden) if (groups[name]) groups[name].style.display = 'none';
	cursors = [profile(), mistakes()];
}

function titled(text) {
	const e = document.createElementNS('http://www.w3.org/2000/svg', 'title');
	e.textContent = text;
	return e;
}

// circle draws the ellipse of n standard deviations at a time.
function circle(parent, p, t, n, kind) {
	const at = position(p, t);
	if (at === null) return;
	const [i, w] = among(p.t, t), a = p.root[i], b = p.root[Math.min(i + 1, p.root.length - 1)];
	if (!a || !b) return;
	const m = a.map((x, k) => x + w * (b[k] - x));
	make(parent, 'circle', {class: kind, r: n, transform: `matrix(${m} ${at})`});
}

// profile draws the altitudes.
function profile() {
	const f = current(), p = first(), level = path => path.alt.map(a => a === null ? null : a / 100);
	const curves = [];
	if (p && p.dev) {
		const side = s => p.alt.map((a, i) => a === null || p.dev[i] === null ? null : Math.max(0, a + s * 2 * p.dev[i]) / 100);
		curves.push({name: 'band', t: p.t, low: side(-1), high: side(1)});
	}
	for (const c of f.courses.slice(1)) curves.push({name: 'alternative', t: c.t, y: level(c)});
	curves.push({name: 'known', t: f.known.t, y: level(f.known)}, {name: 'truth', t: f.truth.t, y: level(f.truth)});
	if (p) curves.push({name: 'predicted', t: p.t, y: level(p)});
	return chart($('profile'), ...limits(), f.last, curves, seek);
}

// mistakes draws the horizontal errors.
function mistakes() {
	const f = current();
	$('errors').parentElement.hidden = !f.errors.length;
	return f.errors.length ? chart($('errors'), ...limits(), f.last, [{name: 'predicted', t: f.errors.map(e => e.t), y: f.errors.map(e => e.h)}], seek) : () => {};
}

// nearest returns the item of a list that is nearest in time, as time tells it, and null if none is within reach.
function nearest(list, t, time, reach) {
	const best = list.reduce((a, b) => a !== null && Math.abs(time(a) - t) <= Math.abs(time(b) - t) ? a : b, null);
	return best !== null && Math.abs(time(best) - t) <= reach ? best : null;
}

// weather draws storms and wind if they have changed.
function weather(t) {
	const storm = nearest(data.storms, current().last + t, s => s.t, 3600);
	if (state.storm !== storm || !groups.storms.childElementCount) {
		groups.storms.replaceChildren();
		if (storm) for (const [i, d] of storm.tops.entries()) if (d) make(groups.storms, 'path', {class: 'storms top' + i, d: d, 'stroke-width': storm.width});
		state.storm = storm;
	}
	const wind = nearest(data.windAt, current().last + t, w => w[0], 3600);
	if (state.wind !== wind) {
		state.wind = wind;
		barbs();
	}
}

// barbs draws the wind so that barbs do not lie upon each other.
function barbs() {
	groups.wind.replaceChildren();
	pinned = pinned.filter(p => !p[0].classList.contains('wind'));
	if (!state.wind) return;
	const w = data.winds[state.wind[1]], [x, y, width, height] = state.view, cell = 56 * width / map.clientWidth, taken = new Set();
	for (let i = 0; i < w.barbs.length; i += 4) {
		const [px, py, angle, knots] = w.barbs.slice(i, i + 4), place = Math.floor(px / cell) + ' ' + Math.floor(py / cell);
		if (px < x || px > x + width || py < y || py > y + height || taken.has(place)) continue;
		taken.add(place);
		const g = pin(groups.wind, px, py);
		g.classList.add('wind');
		make(g, 'path', {class: 'barb', d: barb(knots, w.south ? -1 : 1), transform: `rotate(${angle})`}).append(titled(knots + ' kt'));
	}
}

// barb returns a staff that points up, with a flag for 50 kt, a line for 10, and a short one for 5, on the given side.
function barb(knots, side) {
	let n = Math.round(knots / 5), y = -22, d = '';
	if (!n) return 'M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0';
	for (; n >= 10; n -= 10, y += 5) d += `M0 ${y}L${side * 9} ${y + 1}L0 ${y + 4}Z`;
	for (; n >= 2; n -= 2, y += 3.5) d += `M0 ${y}L${side * 9} ${y - 3}`;
	if (n) d += `M0 ${y === -22 ? y += 3.5 : y}L${side * 5} ${y - 1.7}`;
	return 'M0 0L0-22' + d;
}

// move shows the time t.
function move(t) {
	const f = current(), p = first();
	state.t = t;
	const here = {truth: position(t < 0 ? f.known : f.truth, t), predicted: p && t > 0 ? position(p, t) : null};
	for (const [i, name] of ['predicted', 'truth'].entries()) {
		const path = name === 'truth' ? f.truth : p && {t: [0, ...p.t], xy: [...f.known.xy.slice(-2), ...p.xy]};
		const [done, later] = path ? until(path, Math.max(0, t)) : ['', ''];
		groups[name + 'Line'][0].setAttribute('d', later);
		groups[name + 'Line'][1].setAttribute('d', t > 0 ? done : '');
		const dot = groups.dots[i], at = here[name];
		dot.style.display = at ? '' : 'none';
		if (at) pinned.find(q => q[0] === dot.parentElement).splice(1, 2, ...at);
	}
	groups.now.replaceChildren();
	if (here.predicted && p.root) for (let n = 3; n > 0; n--) circle(groups.now, p, t, n, 'ellipse now');
	const apart = here.truth && here.predicted && !state.hidden.has('truth') && !state.hidden.has('predicted');
	groups.miss.style.display = apart ? '' : 'none';
	if (apart) for (const [name, k] of [['truth', 1], ['predicted', 2]]) { groups.miss.setAttribute('x' + k, here[name][0]); groups.miss.setAttribute('y' + k, here[name][1]); }
	weather(t);
	for (const c of cursors) c(t);
	$('slider').value = t;
	$('clock').textContent = `${day(f.last + t)} ${clock(f.last + t)}, ` + (Math.round(t / 60) === 0 ? 'last known fix' : t < 0 ? span(t) + ' before' : span(t) + ' ahead');
	tell(t);
	keep();
}

// tell writes the numbers at the time t.
function tell(t) {
	const f = current(), p = first(), rows = [];
	const place = path => {
		const lat = value(path.t, path.lat, t), lon = value(path.t, path.lon, t), alt = value(path.t, path.alt, t);
		if (lat === null) return 'not known';
		return `${Math.abs(lat).toFixed(2)}°${lat < 0 ? 'S' : 'N'} ${Math.abs(lon).toFixed(2)}°${lon < 0 ? 'W' : 'E'}` + (alt === null ? '' : `, ${(Math.round(alt / 100) * 100).toLocaleString('en')} ft`);
	};
	rows.push(['flown', place(t < 0 ? f.known : f.truth)], ['predicted', p && t > 0 ? place(p) : 'not yet']);
	if (f.errors.length) {
		const at = key => value(f.errors.map(e => e.t), f.errors.map(e => e[key]), t);
		const text = (key, digits, unit) => { const x = at(key); return x === null ? '–' : (key === 'h' ? x.toFixed(digits) : signed(x, digits)) + ' ' + unit; };
		rows.push(['off horizontally', text('h', 1, 'nmi')], ['along the track', text('along', 1, 'nmi')], ['across, to the right', text('cross', 1, 'nmi')]);
		if (f.errors.some(e => e.v !== null)) rows.push(['vertically', text('v', 0, 'ft')]);
	}
	if (f.eta !== null) rows.push(['arrival predicted', f.eta === 0 ? 'at the minute' : span(f.eta) + (f.eta < 0 ? ' early' : ' late')]);
	$('now').tBodies[0].replaceChildren(...rows.map(r => {
		const tr = document.createElement('tr');
		for (const [i, text] of r.entries()) tr.appendChild(document.createElement(i ? 'td' : 'th')).textContent = text;
		return tr;
	}));
}

// seek stops playing and goes to a time.
function seek(t) {
	stop();
	move(t);
}
