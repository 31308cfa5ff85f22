/* What the search says, in Japanese; the keys are Sphinx's. Only the search page in Japanese loads it. */
Documentation.addTranslations({
  locale: "ja",
  plural_expr: 0,
  messages: {
    "Searching": "検索しています",
    "Search Results": "検索結果",
    "Preparing search...": "検索の準備をしています",
    "Search finished, found one page matching the search query.": ["${resultCount}ページ見つかりました。"],
    "Your search did not match any documents. Please make sure that all words are spelled correctly and that you've selected enough categories.":
      "見つかりませんでした。ほかの言葉でお試しください。",
  },
});
