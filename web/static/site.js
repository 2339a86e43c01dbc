// The switch for light and dark, and the search. Both buttons are hidden where this does not run.
{
    const root = document.documentElement;
    const theme = document.getElementById("theme");
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
    const tell = () => (theme.lastChild.textContent = isDark() ? "Light mode" : "Dark mode"); // what it does
    theme.hidden = false;
    tell();
    system.addEventListener("change", tell);
    theme.addEventListener("click", () => {
        root.dataset.theme = isDark() ? "light" : "dark";
        tell();
        try {
            localStorage.setItem("theme", root.dataset.theme);
        } catch {
            // it holds for this page
        }
    });
}
{
    const MOST = 8, LEAST = 4; // results, letters
    const dialog = document.getElementById("search");
    const open = document.getElementById("search-open");
    const words = document.getElementById("search-words");
    const said = document.getElementById("search-said");
    const found = document.getElementById("search-found");
    const site = new URL(dialog.dataset.root || "./", document.baseURI);
    let index; // fetched when somebody searches

    const load = async () => {
        const made = await import(new URL("pagefind/pagefind.js", site));
        await made.options({ baseUrl: site.pathname, excerptLength: 20 });
        return made;
    };

    // For words that it does not know pagefind tries shorter and shorter ones, down to a letter.
    const begins = (word) => word.toLowerCase().slice(0, 3);
    const isMeant = ({ excerpt }, asked) => {
        const meant = asked.split(/\s+/).map(begins);
        return [...excerpt.matchAll(/<mark>(.*?)<\/mark>/g)].some(([, word]) => meant.includes(begins(word)));
    };

    // A page, and where its words are thickest: a section of it.
    const item = ({ meta, sub_results: sections }) => {
        const [best] = sections.toSorted((a, b) => b.locations.length - a.locations.length);
        const line = document.createElement("li"), link = document.createElement("a"), text = document.createElement("p");
        link.href = best.url;
        link.textContent = best.title === meta.title ? meta.title : `${meta.title}: ${best.title}`;
        text.innerHTML = best.excerpt; // pagefind's: escaped, with <mark> round the words
        line.append(link, text);
        return line;
    };

    const hits = async (asked) => {
        index ??= load();
        const { results } = await (await index).search(asked);
        const best = await Promise.all(results.slice(0, MOST).map((one) => one.data()));
        return best.filter((one) => isMeant(one, asked)).map(item);
    };

    const show = async () => {
        const asked = words.value.trim();
        let lines = [], told = "";
        try {
            if (asked) {
                lines = await hits(asked);
                told = lines.length === 1 ? "1 page found." : `${lines.length} pages found.`;
                if (lines.length === MOST) told = `The ${MOST} best pages found.`;
                // A slip of the fingers: a word that begins alike may be meant.
                for (let part = asked.slice(0, -1); !lines.length && part.length >= LEAST; part = part.slice(0, -1)) {
                    lines = await hits(part);
                    told = `Nothing found for “${asked}”. These have “${part}”:`;
                }
                if (!lines.length) told = `Nothing found for “${asked}”. Try fewer letters, or another word.`;
            }
        } catch {
            index = undefined;
            told = "The search did not load. It needs a web server: a page opened from a file cannot search.";
        }
        if (asked !== words.value.trim()) return; // typed on since
        found.replaceChildren(...lines);
        said.textContent = told;
    };

    open.hidden = false;
    open.addEventListener("click", () => dialog.showModal());
    dialog.addEventListener("click", ({ target }) => {
        if (target === dialog || target.closest("a")) dialog.close(); // beside it, or to a place on this page
    });
    words.addEventListener("input", show);
    words.addEventListener("keydown", (event) => {
        if (event.key === "Enter") event.preventDefault(); // it would close the dialog
    });
}
