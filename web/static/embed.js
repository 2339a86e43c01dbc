// One explorer for the frame of another page: embed.html?name=NAME&variant=SLUG&control=value&...
// The frame's page is told the height that it needs: {cnnHeight: pixels}.
const main = document.querySelector("main"), asked = new URLSearchParams(location.search);
const [name, variant] = ["name", "variant"].map((word) => asked.get(word) ?? "");
const course = '<a href="index.html" target="_blank">Open the course</a>';

function embedded() {
	const explorer = document.createElement("cnn-explorer"), key = variant ? `${name}.${variant}` : name;
	explorer.setAttribute("name", name);
	if (variant) explorer.setAttribute("variant", variant);
	explorer.id = key;
	explorer.innerHTML = "<p>The explorer is loading.</p>";
	explorer.scrollIntoView = () => {}; // it is all there is, and the page around must not jump to it
	explorer.onerror = () => still(explorer, key);
	asked.delete("name");
	asked.delete("variant");
	// A link's own settings, after the #, count before those of the address.
	if (`${asked}` && !location.hash) location.replace(`#${key}&${asked}`);
	document.title = `CNN Blocks: ${key}`;
	return explorer;
}

// Where nothing may be fetched: a script may be loaded in any frame, and this one brings the still.
function still(explorer, key) {
	const script = document.createElement("script");
	script.src = `atlas/still/${key}.js`;
	script.onerror = () => {
		explorer.innerHTML = `<p>The explorer ${key} did not load. Check its name in the frame's address. ${course}.</p>`;
	};
	window.cnnStill = (html) => (explorer.innerHTML = html);
	document.head.append(script);
}

if (/^[\w.-]+$/.test(name) && /^[\w.-]*$/.test(variant)) main.append(embedded());
else {
	const wrong = name ? "a name and a variant of letters, digits and _ . - only" : "the name of an explorer";
	main.innerHTML = `<p>This frame's address needs ${wrong}: embed.html?name=channel_expansion. ${course}.</p>`;
}
if (parent !== window) {
	const tell = () => parent.postMessage({ cnnHeight: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
	new ResizeObserver(tell).observe(document.body);
}
