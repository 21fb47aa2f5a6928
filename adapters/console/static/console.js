/* What a page does beyond HTML: mark all, a slider in the place of a list of days. Pages work without. */
"use strict";

for (const all of document.querySelectorAll("input[data-marks]")) {
  const marked = () => [...all.form.elements[all.dataset.marks + ""].length === undefined
    ? [all.form.elements[all.dataset.marks]]
    : all.form.elements[all.dataset.marks]];
  all.addEventListener("change", () => {
    for (const one of marked()) one.checked = all.checked;
  });
}

for (const form of document.querySelectorAll("form[data-slider]")) {
  const list = form.querySelector("select");
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(list.options.length - 1);
  slider.value = String(list.selectedIndex);
  slider.setAttribute("aria-label", list.labels[0].firstChild.textContent.trim());
  const tell = () => slider.setAttribute("aria-valuetext", list.options[list.selectedIndex].text);
  slider.addEventListener("input", () => {
    list.selectedIndex = Number(slider.value);
    tell();
  });
  slider.addEventListener("change", () => form.requestSubmit());
  list.addEventListener("change", () => {
    slider.value = String(list.selectedIndex);
    tell();
  });
  tell();
  list.closest("label").after(slider);
}
