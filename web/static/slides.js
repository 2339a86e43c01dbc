// Slides with reveal.js: each as large as it fits, for the last row of the class.
{
    const fits = (slide) => slide.scrollHeight <= slide.clientHeight && slide.scrollWidth <= slide.clientWidth;
    const fit = () => {
        const slide = Reveal.getCurrentSlide();
        for (let zoom = 2.2; zoom > 0.35; zoom -= 0.1) {
            slide.style.setProperty("--fit", zoom);
            if (fits(slide)) break;
        }
    };
    // On a button Space and Enter press it. On a slider reveal.js leaves all keys alone.
    const turns = ({ key, target }) => !(/^( |Enter)$/.test(key) && target.closest?.("button, a, summary"));
    Reveal.initialize({
        hash: true,
        center: false,
        transition: "none",
        width: 1280,
        height: 720,
        margin: 0,
        keyboardCondition: turns,
    });
    Reveal.on("ready", fit);
    Reveal.on("slidechanged", fit);
    // What unfolds, and what begins to answer, fits as well.
    document.addEventListener("toggle", fit, true);
    // A picture after the first stays as large as that, for what moves must not jump; unless it is cut off.
    const upgraded = new MutationObserver((changes) => {
        const begins = ({ target, removedNodes: [gone] }) => target.matches("cnn-explorer, cnn-prediction") || gone?.className === "steps";
        if (changes.some(begins) || !fits(Reveal.getCurrentSlide())) fit();
    });
    for (const live of document.querySelectorAll("cnn-explorer, cnn-prediction")) {
        upgraded.observe(live, { childList: true, subtree: true });
    }
    // A presenter's remote sends these: they turn the slide whatever has the focus.
    document.addEventListener("keydown", (event) => {
        if (!/^Page(Up|Down)$/.test(event.key) || event.target.tagName !== "INPUT") return;
        event.preventDefault();
        event.key === "PageDown" ? Reveal.next() : Reveal.prev();
    });
}
