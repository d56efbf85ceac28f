/* What the theme's pages ask of Alpine, for a build of Alpine that evaluates no text:
   it takes components by name and knows no global variables. */
(() => {
  "use strict";

  const SIDEBAR = "sidebarDesktopOpen";

  /* What belongs to the page as a whole. `firstTab` is the tab that is open at first. */
  const page = (firstTab) => ({
    activeTab: firstTab && (getCurrentTab() || firstTab),
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem(SIDEBAR) !== "0",
    init() {
      this.$watch(SIDEBAR, (isOpen) => localStorage.setItem(SIDEBAR, isOpen ? "1" : "0"));
    },
    /* The theme's forms write their own address by `window.location`. */
    get window() {
      const { pathname, search } = window.location;
      return { location: { pathname, search } };
    },
  });

  document.addEventListener("alpine:init", () => {
    Alpine.data("page", page);
    Alpine.data("theme", theme);
    Alpine.data("searchForm", searchForm);
    Alpine.data("searchCommand", searchCommand);
  });
})();
