// Sets formulas: [[TeX, display], ...] on standard input, as JSON, gives [MathML, ...] on standard output.
const katex = require("katex"); // NODE_PATH names its folder
const formulas = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const set = ([tex, displayMode]) => {
    try {
        return katex.renderToString(tex, { displayMode, output: "mathml", strict: "error" });
    } catch (error) {
        console.error(`${tex}: ${error.message}`);
        process.exit(1);
    }
};
process.stdout.write(JSON.stringify(formulas.map(set)));
