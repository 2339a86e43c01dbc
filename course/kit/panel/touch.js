// Touch and motion of one explorer; pictures carry data only. root: the explorer's element. set: called with
// the values by control that a click asks for. Read by the notebooks' panels and by the site: the one script.
function cnnTouch(root, set) {
	const picture = root.querySelector(".cnn-picture"), still = matchMedia("(prefers-reduced-motion: reduce)");
	const MOVES = 220, MOST = 600; // milliseconds, and marks that move
	let known = new Map(), isOpen = false, waits;

	// Where every mark with a key stands, from the picture's corner.
	function places() {
		const found = new Map(), corner = picture.getBoundingClientRect();
		const marks = picture.querySelectorAll("svg [data-key]");
		if (marks.length > MOST) return found;
		for (const mark of marks) {
			const { x, y, width, height } = mark.getBoundingClientRect();
			found.set(mark.dataset.key, { mark, x: x - corner.x, y: y - corner.y, width, height, fill: mark.getAttribute("fill") });
		}
		return found;
	}

	// From its old place to its new one, without a change of the page.
	function glide() {
		const before = known;
		known = places();
		if (still.matches || !before.size) return;
		for (const [key, now] of known) {
			const old = before.get(key), { mark } = now;
			if (!now.width && !now.height) continue;
			if (!old) {
				mark.animate({ opacity: [0, getComputedStyle(mark).opacity] }, MOVES);
				continue;
			}
			const grows = !/^(g|text)$/.test(mark.localName), unit = mark.ownerSVGElement.getScreenCTM()?.a || 1;
			const [sx, sy] = grows ? [ratio(old.width, now.width), ratio(old.height, now.height)] : [1, 1];
			const half = grows ? 0 : 0.5; // what keeps its size goes from middle to middle
			const dx = (old.x + half * old.width - now.x - half * now.width) / unit;
			const dy = (old.y + half * old.height - now.y - half * now.height) / unit;
			const frames = {};
			if (Math.abs(dx) + Math.abs(dy) > 0.5 || Math.abs(sx - 1) + Math.abs(sy - 1) > 0.01)
				frames.transform = [`translate(${dx}px, ${dy}px) scale(${sx}, ${sy})`, "none"];
			if (old.fill !== now.fill && old.fill && old.fill !== "none" && now.fill !== "none")
				frames.fill = [old.fill, now.fill];
			if (frames.transform || frames.fill) mark.animate(frames, { duration: MOVES, easing: "ease-out" });
		}
	}

	const ratio = (old, now) => (now > 0.5 && old > 0.5 ? old / now : 1);

	picture.addEventListener("click", ({ target }) => {
		const mark = target.closest("[data-set]");
		if (!mark) return;
		const pairs = mark.dataset.set.split(";").map((pair) => pair.split("="));
		set(Object.fromEntries(pairs.map(([name, value]) => [name, JSON.parse(decodeURIComponent(value))])));
	});
	root.addEventListener("click", ({ target }) => { // not "toggle", which comes later than a new text may
		const fold = target.closest(".cnn-numbers > summary")?.parentElement;
		if (fold) isOpen = !fold.open;
	});
	new MutationObserver((changes) => {
		const fold = root.querySelector(".cnn-numbers");
		if (fold && fold.open !== isOpen) fold.open = isOpen; // a new text would close it
		if (changes.some(({ target }) => picture.contains(target))) glide();
	}).observe(root, { childList: true, subtree: true });
	new ResizeObserver(() => {
		clearTimeout(waits);
		waits = setTimeout(() => { known = places(); }, 100);
	}).observe(picture);
}
