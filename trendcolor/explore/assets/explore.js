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

// The framework takes lists of boxes and buttons for list boxes without a name. They are groups, and
// their fieldset has the name.
const nameLists = () => {
  for (const list of document.querySelectorAll("[role=listbox].dash-options-list")) {
    const legend = list.closest("fieldset")?.querySelector("legend");
    const isRadio = list.querySelector("input[type=radio]") !== null;
    list.setAttribute("role", isRadio ? "radiogroup" : "group");
    list.setAttribute("aria-label", legend ? legend.textContent : "");
  }
  for (const option of document.querySelectorAll(".dash-options-list-option")) {
    if (option.hasAttribute("role")) option.removeAttribute("role");
    if (option.hasAttribute("aria-selected")) option.removeAttribute("aria-selected");
  }
};
new MutationObserver(nameLists).observe(document, {
  childList: true,
  subtree: true,
  attributeFilter: ["role", "aria-selected"],
});
