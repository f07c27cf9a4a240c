// What titles and headings say counts most: how many of the words asked for stand in them.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([docname, title, anchor, descr, score]) => {
    const asked = (new URLSearchParams(location.search).get("q") || "").toLowerCase().trim();
    const words = asked.split(/\s+/);
    const index = Search._index;
    const headings = Object.entries(index.alltitles)
      .filter(([, places]) => places.some(([file]) => index.docnames[file] === docname))
      .map(([heading]) => heading.toLowerCase());
    const within = (text) => words.filter((word) => text.includes(word)).length;
    const best = Math.max(0, ...headings.map(within));
    const exact = words.filter((word) => headings.includes(word)).length;
    const phrase = headings.some((heading) => heading.includes(asked)) ? 1 : 0;
    const own = title.toLowerCase().includes(asked) ? 1 : 0;
    return score + 10 * best + 15 * exact + 20 * phrase + 60 * own + 10 * within(title.toLowerCase());
  },
};
