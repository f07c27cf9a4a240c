// What is too wide for the text takes the room at its right, where the page's contents list makes way; what still
// scrolls sideways can be reached by keyboard; folded tables are printed.
document.addEventListener("DOMContentLoaded", () => {
  const scrolling = ".pst-scrollable-table-container, .formula, .formula-inline, .ledger-scroll, article pre, .picture";

  const list = document.querySelector(".bd-sidebar-secondary");
  const inSight = new Set();
  const makeWay = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) inSight[isIntersecting ? "add" : "delete"](target);
    list?.classList.toggle("hide", inSight.size > 0);
  }, { rootMargin: "0px 0px -33% 0px" });

  function widen(box) {
    box.style.width = "";
    makeWay.unobserve(box);
    inSight.delete(box);
    const needed = box.scrollWidth - box.clientWidth;
    const free = list ? getComputedStyle(list).position === "sticky" && list : document.querySelector(".bd-content");
    const beside = free ? free.getBoundingClientRect() : null;
    const room = beside ? Math.floor(beside.right - box.getBoundingClientRect().right) - 8 : 0;
    if (needed < 2 || room < 80 || box.closest(".preview")) return;
    box.style.width = `${box.clientWidth + Math.min(needed, room)}px`;
    makeWay.observe(box);
  }

  function stops() {
    document.querySelectorAll("article :is(.pst-scrollable-table-container, .ledger-scroll)").forEach(widen);
    if (list) list.classList.toggle("hide", inSight.size > 0);
    document.querySelectorAll(scrolling).forEach(reach);
  }

  function reach(box) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }

  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => reach(target)));
  document.querySelectorAll(scrolling).forEach((box) => resized.observe(box));

  window.addEventListener("load", stops);
  document.fonts.ready.then(stops);

  const folded = () => document.querySelectorAll("details.folded");
  window.addEventListener("beforeprint", () => {
    for (const fold of folded()) {
      fold.dataset.open = fold.open ? "yes" : "";
      fold.open = true;
    }
  });
  window.addEventListener("afterprint", () => {
    for (const fold of folded()) fold.open = Boolean(fold.dataset.open);
  });
  window.addEventListener("resize", stops);
  document.addEventListener("toggle", stops, true);
  stops();
});

// A link to a table or figure shows it on hover and on focus. One of this page is copied; one of another
// page opens there in a frame, which shows nothing else and says how high it is.
(() => {
  const numbered = /#(tab|fig)-/;
  const shown = (id) => {
    const target = document.getElementById(id);
    return target && (target.closest("details.folded") || target.closest(".result") || target);
  };

  if (new URLSearchParams(location.search).has("preview") && window.parent !== window) {
    window.addEventListener("load", () => {
      const target = shown(location.hash.slice(1));
      if (!target) return;
      if (target.tagName === "DETAILS") target.open = true;
      document.documentElement.classList.add("preview-page");
      document.body.replaceChildren(target);
      window.parent.postMessage({ preview: target.offsetHeight }, "*");
    });
    return;
  }
  if (!window.matchMedia("(hover: hover)").matches) return;

  let box = null;
  let timer = 0;

  function hide() {
    clearTimeout(timer);
    if (box) box.remove();
    box = null;
  }

  function copy(id) {
    const target = shown(id);
    if (!target) return null;
    const { top } = target.getBoundingClientRect();
    if (top > 0 && top < 0.6 * window.innerHeight) return null; // in sight anyway
    const twin = target.cloneNode(true);
    if (twin.tagName === "DETAILS") twin.open = true;
    for (const node of [twin, ...twin.querySelectorAll("[id]")]) node.removeAttribute("id");
    for (const node of twin.querySelectorAll("a, [tabindex]")) node.tabIndex = -1;
    for (const node of twin.querySelectorAll(".pst-scrollable-table-container")) node.style.width = "";
    return twin;
  }

  function frame(link) {
    const inside = document.createElement("iframe");
    const address = new URL(link.href);
    address.search = "?preview";
    inside.src = address;
    inside.title = link.textContent;
    inside.tabIndex = -1;
    return inside;
  }

  function show(link) {
    const here = link.href.split("#")[0] === location.href.split("#")[0];
    const content = here ? copy(link.hash.slice(1)) : frame(link);
    if (!content) return;
    hide();
    box = document.createElement("aside");
    box.className = "preview bd-article";
    box.setAttribute("aria-label", `Preview: ${link.textContent}`);
    box.append(content);
    box.addEventListener("mouseenter", () => clearTimeout(timer));
    box.addEventListener("mouseleave", hide);
    document.querySelector("main").append(box);
    const at = link.getBoundingClientRect();
    const room = { above: at.top - 16, below: window.innerHeight - at.bottom - 16 };
    const below = room.below > Math.min(box.offsetHeight, room.above);
    box.style.maxHeight = `${Math.min(480, below ? room.below : room.above)}px`;
    box.style.left = `${Math.max(8, Math.min(at.left, window.innerWidth - box.offsetWidth - 16))}px`;
    box.style[below ? "top" : "bottom"] = `${below ? at.bottom + 6 : window.innerHeight - at.top + 6}px`;
  }

  const wanted = (event) => {
    const link = event.target.closest && event.target.closest("article a[href]");
    return link && numbered.test(link.hash) && !link.closest(".preview, caption, figcaption") ? link : null;
  };
  const soon = (event) => {
    const link = wanted(event);
    if (!link || (event.type === "focusin" && !link.matches(":focus-visible"))) return;
    clearTimeout(timer);
    timer = setTimeout(() => show(link), 250); // after what focus itself scrolls
  };
  document.addEventListener("mouseover", soon);
  document.addEventListener("focusin", soon);
  document.addEventListener("mouseout", (event) => {
    if (!wanted(event)) return;
    clearTimeout(timer);
    timer = setTimeout(hide, 250);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  window.addEventListener("scroll", () => box && hide(), { passive: true });
  window.addEventListener("message", (event) => {
    const inside = box && box.querySelector("iframe");
    if (inside && event.source === inside.contentWindow && event.data.preview) {
      inside.style.height = `${Math.min(event.data.preview + 24, 460)}px`;
    }
  });
})();
