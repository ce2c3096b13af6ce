// Shows of the facts only those that the chosen kind of problem asks for; without this script all of them are there.
(() => {
  window.aftercare.each("[data-kinds-of]", (form) => {
    const choice = document.getElementById(form.dataset.kindsOf);
    const show = () => {
      form.querySelectorAll("[data-kinds]").forEach((fact) => {
        const field = fact.querySelector("input, textarea");
        const wanted = !choice.value || fact.dataset.kinds.split(" ").includes(choice.value);
        fact.hidden = !wanted && !field.value; // what was written is never hidden
      });
    };
    choice.addEventListener("change", show);
    show();
  });
})();
