/* Results in the language of the search page stand first. The figures are Sphinx's own. */
var Scorer = {
  score: ([page, , , , score]) => {
    const japanese = page.startsWith("ja/") || page.endsWith(".ja");
    return japanese === (document.documentElement.lang === "ja") ? score + 1000 : score;
  },
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
