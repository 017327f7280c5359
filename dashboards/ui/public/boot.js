// Runs before the first paint, so that a dark screen never flashes white. A file of its own because the content
// security policy allows no inline script.
(function () {
  var stored = localStorage.getItem("wardwatch.theme");
  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  var theme = stored === "light" || stored === "dark" ? stored : dark ? "dark" : "light";
  document.documentElement.dataset.theme = location.pathname === "/wall" ? "wall" : theme;
  document.documentElement.lang = localStorage.getItem("wardwatch.language") === "en" ? "en" : "vi";
})();
