// The still inside stays until the first answer is there, and for good if anything fails.
// Needs cnn-touch.js: the one script for clicks and motion, which the notebooks have too.
const cnnScript = document.currentScript.src;

function cnnExplorer(host) {
	const key = [host.getAttribute("name"), host.getAttribute("variant")].filter(Boolean).join(".");
	const shards = new Map(); // the last used at the end
	let opening, base, index, at; // at: of each control the number of its stop
	let presets, controls, picture, message, numbers, link, rows, images, soon, rest, waits, turn = 0, last = 0;

	const escaped = (text) => new Option(text).innerHTML.replaceAll('"', "&quot;");
	const file = (name) => new URL("../p/" + name, base);
	const moved = (i, stop) => Object.assign([...at], { [i]: stop });

	// True once the panel stands. After a failure the next touch tries again.
	function open() {
		return opening ??= load().then(() => true, (error) => {
			console.warn(key, "keeps its still:", error);
			opening = null;
			host.dispatchEvent(new Event("error"));
		});
	}

	async function load() {
		const atlas = new URL("atlas/", cnnScript), src = host.getAttribute("src");
		base = src ? new URL(src, document.baseURI) : new URL((await read("names.json", atlas))[key] + "/", atlas);
		index = await read("index.json", base);
		shards.clear();
		at = index.controls.map(({ start }) => start);
		await state(at);
		build();
	}

	async function read(name, folder) {
		const answer = await fetch(new URL(name, folder));
		if (!answer.ok) throw new Error(`${answer.url}: ${answer.status}`);
		const bytes = await answer.arrayBuffer(), { body } = new Response(bytes);
		const isPacked = new Uint8Array(bytes)[0] === 0x1f; // some servers unpack
		return new Response(isPacked ? body.pipeThrough(new DecompressionStream("gzip")) : body).json();
	}

	// Positions count through all stops, the last control's fastest.
	async function state(at) {
		const position = at.reduce((sum, stop, i) => sum * index.controls[i].stops.length + stop, 0);
		const number = index.shards.findLastIndex((first) => first <= position);
		const shard = shards.get(number) ?? read(number + ".bin", base);
		shards.delete(number);
		shards.set(number, shard);
		if (shards.size > 20) shards.delete(shards.keys().next().value); // some have megabytes
		shard.catch(() => shards.delete(number));
		const { order, states } = await shard;
		const found = states[order[position - index.shards[number]]];
		if (!found) throw new Error(`${number}.bin lacks ${position}`);
		return found;
	}

	// As live_html in course/kit/panel/still.py.
	function html(parts) {
		const shown = parts.map((part) => {
			if (typeof part === "string") return part;
			const [name, width, height, alt] = part;
			return `<img alt="${escaped(alt)}" width="${width}" height="${height}"
				src="${file(name)}" style="display:block;max-width:100%;height:auto">`;
		});
		const row = "display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start;line-height:0";
		return `<div class="cnn-cards" style="${row}">${shown.join("")}</div>`;
	}

	function build() {
		const group = Math.random(), still = [...host.childNodes]; // no two explorers share radios
		const control = ({ name, label, kind, stops }, i) => {
			const own = `class="cnn-control-${name}"`, title = escaped(label);
			const radio = (stop, n) =>
				`<label><input type="radio" name="${group}-${i}" value="${n}"><span>${escaped(stop)}</span></label>`;
			return kind === "choice"
				? `<fieldset ${own}><legend>${title}</legend>${stops.map(radio).join("")}</fieldset>`
				: `<label ${own}><span>${title}</span><input type="range" max="${stops.length - 1}"
					><output aria-hidden="true"></output></label>`;
		};
		const [first, folded] = [false, true].map((more) =>
			index.controls.map((one, i) => (!one.more === !more ? control(one, i) : "")).join(""));
		const more = folded && `<details class="cnn-more"><summary>More</summary><div>${folded}</div></details>`;
		const preset = ([name]) => `<button type="button">${escaped(name)}</button>`;
		host.innerHTML = `<div class="cnn-presets">${index.presets.map(preset).join("")}</div>
			<div class="cnn-controls">${first}${more}</div>
			<div class="cnn-picture" tabindex="0" role="group" aria-label="Picture"></div>
			<p class="cnn-message"></p>
			<details class="cnn-numbers"><summary>Numbers</summary><p></p></details>
			<a class="cnn-link">Link to this setting</a>`;
		[presets, controls, picture, message, numbers, link] = host.children;
		rows = index.controls.map(({ name }) => controls.querySelector(".cnn-control-" + name));
		picture.append(...still);
		set(at);
		rows.forEach((one, i) => {
			// A finger may be about to scroll: what it sets at once holds when it is lifted.
			one.ontouchstart = () => { waits = true; };
			one.ontouchend = () => { waits = false; };
			one.onpointercancel = () => set(at);
			one.oninput = one.onchange = ({ target: { value } }) => {
				if (!waits && +value !== at[i]) move(moved(last = i, +value));
				waits = false;
			};
		});
		const sets = (stops) => index.controls.map(({ name }, i) => stops[name] ?? at[i]);
		[...presets.children].forEach((one, n) => {
			one.onclick = () => move(sets(index.presets[n][1]));
		});
		cnnTouch(host, (wanted) => {
			const stops = Object.entries(wanted).map(([name, value]) =>
				[name, index.controls.find((one) => one.name === name)?.values.indexOf(value) ?? -1]);
			if (stops.every(([, stop]) => stop >= 0)) move(sets(Object.fromEntries(stops)));
		});
		show();
	}

	function set(stops) {
		at = stops;
		index.controls.forEach(({ kind, stops }, i) => {
			const inputs = rows[i].querySelectorAll("input"), [range] = inputs;
			if (kind === "range") {
				range.value = at[i];
				range.ariaValueText = range.nextSibling.value = stops[at[i]];
			} else inputs[at[i]].checked = true;
		});
		index.presets.forEach(([, own], n) => {
			presets.children[n].ariaPressed = index.controls.every(({ name }, i) => (own[name] ?? at[i]) === at[i]);
		});
	}

	function move(stops, note) {
		set(stops);
		const settings = index.controls.map(({ name, values }, i) => [name, values[at[i]]]);
		link.href = `#${key}&${new URLSearchParams(settings)}`;
		return show(note);
	}

	async function show(note = "") {
		const mine = ++turn, next = document.createElement("div");
		let told = ["The picture did not load: check your connection, then move a control again.", []];
		try {
			const found = await state(at), [, parts] = found;
			if (parts) next.innerHTML = html(parts);
			await Promise.all([...next.querySelectorAll("img")].map((image) => image.decode()));
			if (mine === turn && parts) {
				picture.replaceChildren(...next.childNodes);
				const wide = [...picture.querySelectorAll("img, svg")].some((one) => one.getAttribute("width") > 430);
				picture.classList.toggle("cnn-wide", wide);
				// On a phone, cards that are too high above each other stand in a row, and are moved sideways.
				if (controls.offsetHeight + picture.offsetHeight > innerHeight) picture.classList.add("cnn-row");
			}
			told = found;
		} catch {} // the picture stays
		if (mine !== turn) return; // overtaken by a later move
		message.classList.toggle("cnn-refused", !told[1]);
		// Seen at once, heard at rest: what changes while busy is not read out.
		const write = (ariaBusy) => Object.assign(message, { ariaBusy, textContent: note + told[0] });
		const isFirst = !message.role; // nobody has moved anything: it is not read out, and nothing is fetched ahead
		write(!isFirst);
		message.role = "status";
		numbers.lastChild.textContent = told[2] ?? numbers.lastChild.textContent;
		if (isFirst) return;
		clearTimeout(rest);
		rest = setTimeout(write, 300, false);
		clearTimeout(soon);
		soon = setTimeout(ahead, 20);
	}

	// What one step would need, of the last control first.
	async function ahead() {
		if (navigator.connection?.saveData) return;
		const mine = turn;
		images = []; // held: they stay decoded
		for (const i of [last, ...at.keys()]) {
			for (const stop of [at[i] + 1, at[i] - 1]) {
				if (!index.controls[i].stops[stop]) continue;
				const [, parts = []] = await state(moved(i, stop)).catch(() => []);
				if (mine !== turn) return;
				for (const [name] of parts.filter(Array.isArray)) {
					images.push(Object.assign(new Image(), { src: file(name) }));
					await images.at(-1).decode().catch(() => {});
				}
			}
		}
	}

	// "#KEY&expansion=6&stride=2" opens here. What this page does not have is named, and stays at its start.
	async function follow() {
		const asked = new URLSearchParams(location.hash.slice(1)), [to] = asked.keys();
		if (to !== host.id || !(await open())) return;
		asked.delete(to);
		if (`${asked}`) {
			const stops = index.controls.map(({ name, values, start }) => {
				const text = asked.get(name) || NaN; // "6.0" == 6
				const found = values.findIndex((value) => text == value || text === `${value}`);
				if (found < 0) return start;
				asked.delete(name);
				return found;
			});
			const unknown = [...asked].map((pair) => pair.join("=")).join(", ");
			await move(stops, unknown && `This page does not have ${unknown}, which the link asks for. `);
		}
		host.scrollIntoView();
	}

	host.addEventListener("pointerdown", open);
	host.addEventListener("focusin", async () => (await open()) && ahead());
	// A window's height ahead.
	new IntersectionObserver((seen) => seen.at(-1).isIntersecting && open(), { rootMargin: "100%" }).observe(host);
	addEventListener("hashchange", follow);
	follow();
}

customElements.define("cnn-explorer", class extends HTMLElement {
	connectedCallback() {
		this.isAlive ??= !cnnExplorer(this); // once, though it may be moved within the page
	}
});
