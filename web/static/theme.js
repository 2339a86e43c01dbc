// Before the page is painted: light or dark, if the reader chose one here. Nothing else is ever stored.
try {
    document.documentElement.dataset.theme = localStorage.getItem("theme") ?? "";
} catch {
    // a browser that stores nothing: the theme of its system
}
