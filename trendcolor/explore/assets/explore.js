// Copies the line of Python beside an answer.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("pre code");
  const told = (text) => {
    button.textContent = text;
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  };
  navigator.clipboard.writeText(code.textContent).then(
    () => told("Copied"),
    () => {
      window.getSelection().selectAllChildren(code);
      told("Selected");
    },
  );
});
