// What a title says counts most; a word in a chapter's code or tables least.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 40,
  partialTitle: 20,
  term: 4,
  partialTerm: 1,
  score: ([docname, title, anchor, descr, score]) =>
    score + (docname.startsWith("notebooks/") || docname.startsWith("book/") ? 5 : 0),
};
