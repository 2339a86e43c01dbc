// Choose first, see after: buttons made of the stored question and its folded verdicts. Nothing is kept.
customElements.define("cnn-prediction", class extends HTMLElement {
	connectedCallback() {
		const fold = this.querySelector("details"), listed = fold?.previousElementSibling;
		if (!listed) return;
		const answers = listed.innerHTML.split("<br>");
		const verdicts = [...fold.querySelectorAll("p")].map((verdict) => verdict.innerHTML);
		const about = (answer) => verdicts.find((verdict) => verdict.startsWith(`<b>${answer[0]} is `));
		const [right, another] = answers.filter((answer) => about(answer)?.includes(" is right.</b>"));
		if (!right || another || !answers.every(about) || answers.length !== verdicts.length) return; // the fold stays
		const correction = about(right).replace(/.*?<\/b>/, `<br><b>Right is</b> ${right.replace(/\.*$/, "")}.`);

		const group = document.createElement("div"), status = document.createElement("p");
		Object.assign(group, { role: "group", ariaLabel: "Your prediction" });
		status.role = "status";
		// The page goes on with the answer: a window's height below, until there is a choice.
		const room = document.createElement("p");
		Object.assign(room, { className: "cnn-room", textContent: "Choose, and the space below closes. The page goes on there." });
		room.style.height = `${this.getAttribute("room")}px`;
		const button = (answer) => `<button type="button" aria-pressed="false">${answer}<span></span></button>`;
		group.innerHTML = answers.map(button).join("") + '<button type="button">Show me without choosing</button>';
		[...group.children].forEach((chosen, n) => {
			chosen.onclick = () => {
				answers.forEach((answer, i) => {
					const one = group.children[i], isRight = answer === right;
					one.ariaPressed = i === n;
					one.className = isRight ? "cnn-right" : i === n ? "cnn-wrong" : "";
					one.lastChild.textContent = isRight ? " ✓ The right answer" : i === n ? " ✗ Your choice: not right" : "";
				});
				const answer = answers[n] ?? right;
				status.innerHTML = about(answer) + (answer === right ? "" : correction);
				room.remove();
			};
		});
		listed.replaceWith(group);
		fold.replaceWith(status);
		if (this.hasAttribute("room")) status.after(room);
	}
});
